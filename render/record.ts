import * as pulumi from "@pulumi/pulumi";
import { unhindered } from "./unhindered";

/** What a program asked the engine for, one resource. */
export interface Recorded {
    urn: string;
    type: string;
    name: string;
    custom: boolean;
    parent?: string;
    /** URNs of everything that must be there before, in the order of names. */
    dependencies: string[];
    deletedWith?: string;
    /** The engine refuses to delete it. */
    protect?: true;
    ignoreChanges: string[];
    /** Secret values are masked. */
    inputs: Record<string, any>;
}

export interface Recording {
    resources: Recorded[];
    outputs: Record<string, any>;
}

export interface RecordOptions {
    organization?: string;
    project: string;
    stack: string;
    /** Properties that a provider would have computed, e.g. the text of a random string. */
    computed?(type: string, name: string): Record<string, unknown>;
}

/** The keys by which the engine's protocol tells secrets and unknown values (pulumi/pulumi, sdk/nodejs/runtime/rpc.ts). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/**
 * Runs a program against Pulumi's own mocks and records what it registers, with parents and dependencies, which the mocks
 * alone do not show. It runs as a preview of a stack that exists: nothing waits, and ids are known.
 */
export async function record(program: () => Promise<object>, options: RecordOptions): Promise<Recording> {
    const { organization = "organization", project, stack } = options;
    await pulumi.runtime.setMocks(
        {
            newResource: ({ type, name, custom }) => ({
                id: custom === false ? undefined : `${name}-id`,
                // What is not told here is, in a preview, as it was asked for.
                state: { ...options.computed?.(type, name) },
            }),
            call: ({ token }) => {
                throw new Error(`the program asked for ${token}, which a rendering cannot answer`);
            },
        },
        project,
        stack,
        true,
        organization,
    );
    const resources: Recorded[] = [];
    watchRegistrations((registered) => resources.push(registered));
    const outputs = await unhindered(async () => {
        const settled: Record<string, any> = {};
        for (const [name, value] of Object.entries(await program())) {
            settled[name] = await settle(value);
        }
        await pulumi.runtime.disconnect();
        return settled;
    });
    resources.sort((a, b) => (a.urn < b.urn ? -1 : 1));
    return { resources, outputs };
}

/** Knows the SDK's inner monitor: Pulumi's mocks do not show parents and dependencies. */
function watchRegistrations(seen: (registered: Recorded) => void): void {
    const monitor = pulumi.runtime.getMonitor() as any;
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request: any, callback: (error: unknown, response: any) => void) =>
        register(request, (error: unknown, response: any) => {
            if (response) {
                seen({
                    urn: response.getUrn(),
                    type: request.getType(),
                    name: request.getName(),
                    custom: request.getCustom(),
                    ...optional("parent", request.getParent()),
                    dependencies: [...request.getDependenciesList()].sort(),
                    ...optional("deletedWith", request.getDeletedwith()),
                    ...(request.getProtect() ? { protect: true as const } : {}),
                    ignoreChanges: [...request.getIgnorechangesList()],
                    inputs: mask(request.getObject().toJavaScript()) as Record<string, any>,
                });
            }
            callback(error, response);
        });
}

function optional(key: "parent" | "deletedWith", value: string): Partial<Recorded> {
    return value ? { [key]: value } : {};
}

/** The plain value of what may hold Outputs, secrets masked, unknown ones named as such. */
async function settle(value: unknown): Promise<unknown> {
    const output = pulumi.output(value) as pulumi.Output<unknown> & {
        promise(): Promise<unknown>;
        isKnown: Promise<boolean>;
        isSecret: Promise<boolean>;
    };
    const [plain, known, secret] = await Promise.all([output.promise(), output.isKnown, output.isSecret]);
    return secret ? "[secret]" : known ? plain : "[unknown]";
}

function mask(value: any): unknown {
    if (value === UNKNOWN) {
        return "[unknown]";
    }
    if (value === null || typeof value !== "object") {
        return value;
    }
    if (value[SIGNATURE] === SECRET) {
        return "[secret]";
    }
    if (Array.isArray(value)) {
        return value.map(mask);
    }
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mask(inner)]));
}
