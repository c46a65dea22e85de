import type * as pulumi from "@pulumi/pulumi";
import type { Outputs } from "../consumer/contract";

/** The contract (consumer/contract.ts), as the program fulfils it. */
export type MeshOutputs = { [K in keyof Outputs]: pulumi.Output<Outputs[K]> };

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
