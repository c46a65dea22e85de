import type { Outputs } from "./contract";

/** What an output is, in words, and the test for it: as far as a reader relies on it. */
interface Shape {
    is: string;
    test(value: unknown): boolean;
}

const isMap = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === "string";
const texts = (is: string): Shape => ({ is, test: (v) => isMap(v) && Object.values(v).every(isText) });

const SHAPES: { [K in keyof Outputs]: Shape } = {
    routeHosts: texts("hosts by name"),
    urls: texts("URLs by name"),
    controlPlane: {
        is: "name, namespace, generation, version and mtls of the control plane",
        test: (v) =>
            isMap(v) && ["name", "namespace", "generation", "version", "mtls"].every((key: string) => isText(v[key])),
    },
    operators: texts("versions by package"),
    members: { is: "a list of namespaces", test: (v) => Array.isArray(v) && v.every(isText) },
    services: {
        is: "namespace, host and port of services, by name",
        test: (v) =>
            isMap(v) &&
            Object.values(v).every(
                (one) => isMap(one) && isText(one.namespace) && isText(one.host) && typeof one.port === "number",
            ),
    },
};

/** The names of the contract. */
export const OUTPUT_NAMES: readonly (keyof Outputs)[] = Object.keys(SHAPES) as (keyof Outputs)[];

/** Why nothing can be read of a stack that has these outputs; undefined: it is one of the mesh's, as far as can be told. */
export function strangeness(stack: string, outputs: Record<string, unknown>): string | undefined {
    const names = Object.keys(outputs);
    if (names.length === 0) {
        return [
            `stack ${stack} has no outputs`,
            `  It has not been provisioned, or has been destroyed. Provision it first:  pulumi up --stack ${stack}`,
        ].join("\n");
    }
    if (OUTPUT_NAMES.some((name) => name in outputs)) {
        return undefined;
    }
    return [
        `stack ${stack} is not a stack of the mesh`,
        `  Its outputs are ${list(names)}; a stack of the mesh has ${list(OUTPUT_NAMES)}.`,
        "  A name without a project means a stack of the project that asks: write <organization>/<project>/<stack>,",
        "  with a backend that has no organizations organization/<project>/<stack>.",
    ].join("\n");
}

/** Why one output cannot be read; undefined: it is there, and what the contract says. */
export function fault(stack: string, outputs: Record<string, unknown>, name: keyof Outputs): string | undefined {
    if (!(name in outputs)) {
        return [
            `stack ${stack} has no output ${name}: ${SHAPES[name].is}`,
            "  It was provisioned by an older version of its program. Run pulumi up there with a newer one, or do",
            `  without ${name}; it has ${list(OUTPUT_NAMES.filter((one) => one in outputs))}.`,
        ].join("\n");
    }
    if (SHAPES[name].test(outputs[name])) {
        return undefined;
    }
    return [
        `output ${name} of stack ${stack} is not ${SHAPES[name].is}`,
        "  Either the stack is not one of the mesh, or its program is newer than this helper: use the helper of the",
        "  program's own version.",
    ].join("\n");
}

/** Why there is nothing of that name in an output. */
export function absence(stack: string, output: keyof Outputs, wanted: string, names: readonly string[]): string {
    return [
        `stack ${stack} has no ${wanted} in ${output}`,
        names.length === 0 ? "  There is none at all." : `  There is ${list(names)}.`,
    ].join("\n");
}

/** Why a stack cannot be asked for by this name; undefined: it can. */
export function misnamed(name: string): string | undefined {
    const parts = name.split("/");
    if (parts.length === 3 && parts.every((part: string) => /^[\w.-]+$/.test(part))) {
        return undefined;
    }
    return [
        `"${name}" does not name a stack of another project`,
        "  Write <organization>/<project>/<stack>, with a backend that has no organizations",
        "  organization/<project>/<stack>, e.g. organization/mesh/prod.",
    ].join("\n");
}

function list(names: readonly string[]): string {
    return [...names].sort().join(", ");
}
