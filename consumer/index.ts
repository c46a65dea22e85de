import * as pulumi from "@pulumi/pulumi";
import { absence, fault, misnamed, strangeness } from "./check";
import type { Outputs, ServiceOutput } from "./contract";

export type { ControlPlaneOutput, Outputs, ServiceOutput } from "./contract";

/** The outputs of a stack of the mesh. Only what is used is asked for, and only that can be missing. */
export type MeshOutputs = { readonly [K in keyof Outputs]: pulumi.Output<Outputs[K]> } & {
    /** The URL of a service or a console. Fails in words when there is none of that name. */
    url(name: string): pulumi.Output<string>;
    /** Where a service is inside the cluster. Fails in words when there is none of that name. */
    service(name: string): pulumi.Output<ServiceOutput>;
};

/**
 * What a stack of the mesh tells, with types. The run fails, with one message that says what to do, when the stack has not
 * been provisioned, is another program's, or is too old to have what is used. That there is no stack of the name is said
 * by Pulumi itself.
 * @param reference the stack, or its name: <organization>/<project>/<stack>
 */
export function meshOutputs(reference: pulumi.StackReference | string): MeshOutputs {
    const stack = typeof reference === "string" ? referTo(reference) : reference;
    const known = pulumi
        .all([stack.name, stack.outputs])
        .apply(([name, outputs]: [string, Record<string, unknown>]) => {
            refuse(strangeness(name, outputs));
            return { name, outputs };
        });
    const read = <K extends keyof Outputs>(key: K): pulumi.Output<Outputs[K]> =>
        plain(
            known.apply(({ name, outputs }) => {
                refuse(fault(name, outputs, key));
                return outputs[key];
            }),
        );
    const one = <T>(key: "urls" | "services", wanted: string): pulumi.Output<T> =>
        plain(
            pulumi.all([stack.name, read(key)]).apply(([name, all]: [string, Record<string, unknown>]) => {
                refuse(Object.hasOwn(all, wanted) ? undefined : absence(name, key, wanted, Object.keys(all)));
                return all[wanted];
            }),
        );
    return {
        get routeHosts() {
            return read("routeHosts");
        },
        get urls() {
            return read("urls");
        },
        get controlPlane() {
            return read("controlPlane");
        },
        get operators() {
            return read("operators");
        },
        get members() {
            return read("members");
        },
        get services() {
            return read("services");
        },
        url: (name) => one("urls", name),
        service: (name) => one("services", name),
    };
}

/** What apply() would unwrap holds no Outputs, which its type cannot know. */
function plain<T>(output: pulumi.Output<unknown>): pulumi.Output<T> {
    return output as pulumi.Output<T>;
}

function referTo(name: string): pulumi.StackReference {
    refuse(misnamed(name));
    return new pulumi.StackReference(name);
}

/** Ends the run with one message and no stack trace. The SDK would write in front of it which property it went through. */
function refuse(message: string | undefined): void {
    if (message !== undefined) {
        const error = new pulumi.RunError(message);
        error.stack = message;
        throw Object.defineProperty(error, "message", { get: () => message, set: () => undefined });
    }
}
