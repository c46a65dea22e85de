import { declare, type Declared, patchedObject, type Picture, plain } from "./picture";

/** One step of `pulumi preview --json` (pulumi/pulumi, pkg/backend/display/json.go). */
interface Step {
    op: string;
    urn: string;
    oldState?: State;
    newState?: State;
    replaceReasons?: string[] | null;
}

interface State {
    type?: string;
    custom?: boolean;
    protect?: boolean;
    inputs?: Record<string, any>;
    outputs?: Record<string, any>;
}

/** What an engine would do. */
export interface Preview {
    before: Picture;
    after: Picture;
    /** What it would make anew, by id, and the fields for which. */
    replaced: Map<string, string[]>;
}

const STACK = "pulumi:pulumi:Stack";

/**
 * Reads what `pulumi preview --json --show-sames` wrote. Without --show-sames it holds only what changes, so that what else
 * there is for a workload (other policies, say) is not seen. Errors: when the text is none of that.
 */
export function readPreview(text: string): Preview {
    const steps = stepsIn(text);
    const stack = steps.find(({ urn }) => urn.includes(`::${STACK}::`));
    const resources = steps.filter(isDeclared);
    // An engine may not say in its JSON what a stack's outputs would be; half of a comparison says wrong things.
    const told = stack?.newState?.outputs !== undefined;
    const gone = resources.filter(({ op }) => op === "delete");
    return {
        before: {
            declared: once(resources.flatMap((s) => declared(s, s.oldState) ?? [])),
            outputs: told ? outputsOf(stack?.oldState) : {},
        },
        after: {
            declared: once(resources.filter((s) => !gone.includes(s)).flatMap((s) => declared(s, s.newState) ?? [])),
            outputs: outputsOf(stack?.newState),
        },
        replaced: new Map(
            resources
                .filter(({ op }) => op === "replace" || op === "create-replacement")
                .map(({ urn, replaceReasons }) => [urn, replaceReasons ?? []]),
        ),
    };
}

function stepsIn(text: string): Step[] {
    const wanted = "what `pulumi preview --json` writes";
    let parsed: { steps?: Step[] };
    try {
        parsed = JSON.parse(text);
    } catch (error) {
        throw new Error(`this is no JSON, wanted is ${wanted}: ${(error as Error).message}`);
    }
    if (!Array.isArray(parsed.steps)) {
        throw new Error(`there are no "steps" in it, wanted is ${wanted}`);
    }
    return parsed.steps;
}

/** Components and providers are nothing by themselves, and what is only read is somebody else's. */
function isDeclared({ op, newState, oldState }: Step): boolean {
    const { custom = false, type = "" } = newState ?? oldState ?? {};
    return custom && !type.startsWith("pulumi:") && !op.startsWith("read");
}

function outputsOf(state: State | undefined): Record<string, any> {
    return plain(state?.outputs ?? {}) as Record<string, any>;
}

function declared({ urn }: Step, state: State | undefined): Declared | undefined {
    if (state === undefined) {
        return undefined;
    }
    const { type = "", inputs = {} } = state;
    const protect = state.protect ? { protect: true as const } : {};
    if (type.startsWith("kubernetes:")) {
        return { ...declare(urn, inputs), ...protect };
    }
    const kind = type.split(":").at(-1) as string;
    if (kind === "ObjectPatch") {
        return declare(urn, patchedObject(inputs), true);
    }
    const name = urn.split("::").at(-1) as string;
    return { ...declare(urn, inputs), kind, name, title: `${kind} ${name}`, apiVersion: "" };
}

/** A replacement is several steps about one resource. */
function once(all: Declared[]): Declared[] {
    return [...new Map(all.map((d) => [d.id, d])).values()];
}
