import type * as pulumi from "@pulumi/pulumi";

/**
 * What a stack tells others: a contract. Names never change their meaning; a new meaning gets a new name. Read by other
 * stacks through a StackReference.
 */
export interface MeshOutputs {
    /** Host by name: each service that is reached from outside, and each console that the mesh exposes. */
    routeHosts: pulumi.Output<Record<string, string>>;
    /** The same, as URLs. */
    urls: pulumi.Output<Record<string, string>>;
    controlPlane: pulumi.Output<ControlPlaneOutput>;
    /** The CSV that is really installed, by package. */
    operators: pulumi.Output<Record<string, string>>;
    /** The namespaces that the mesh has really configured. */
    members: pulumi.Output<string[]>;
    services: pulumi.Output<Record<string, ServiceOutput>>;
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

/**
 * Consoles answer by TLS, except for the gateway's own Route (recorded: maistra117 N1); services in plain HTTP unless they
 * are given TLS.
 */
export function urlOf(
    name: string,
    host: string,
    consoles: Record<string, string>,
    secured: ReadonlySet<string>,
): string {
    const tls = name in consoles ? name !== "ingressgateway" : secured.has(name);
    return `${tls ? "https" : "http"}://${host}`;
}
