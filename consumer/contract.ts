/**
 * What a stack of the mesh tells others: a contract. Names never change their meaning; a new meaning gets a new name.
 * Read by other stacks through a StackReference, which may be older or newer than the reader.
 */
export interface Outputs {
    /** Host by name: each service that is reached from outside, and each console that the mesh exposes. */
    routeHosts: Record<string, string>;
    /** The same, as URLs. */
    urls: Record<string, string>;
    controlPlane: ControlPlaneOutput;
    /** The ClusterServiceVersion that is really installed, by package. */
    operators: Record<string, string>;
    /** The namespaces that the mesh has really configured. */
    members: string[];
    services: Record<string, ServiceOutput>;
}

export interface ControlPlaneOutput {
    name: string;
    namespace: string;
    generation: string;
    /** The version of the generation, e.g. "v1.1". */
    version: string;
    mtls: "off" | "permissive" | "strict";
}

export interface ServiceOutput {
    namespace: string;
    /** The name inside the cluster. */
    host: string;
    port: number;
}
