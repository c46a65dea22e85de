import * as pulumi from "@pulumi/pulumi";
import type { Outputs, ServiceOutput } from "./contract";
export type { ControlPlaneOutput, Outputs, ServiceOutput } from "./contract";
/** The outputs of a stack of the mesh. Only what is used is asked for, and only that can be missing. */
export type MeshOutputs = {
    readonly [K in keyof Outputs]: pulumi.Output<Outputs[K]>;
} & {
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
export declare function meshOutputs(reference: pulumi.StackReference | string): MeshOutputs;
