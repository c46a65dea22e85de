import type { Lab } from "../lab";
import type { Ways } from "../verify/requests/run";

/** How the lab's services are reached: what `npm run verify` has to be told, since it knows nothing of labs. */
export type LabWays = Pick<Ways, "via" | "viaTls" | "plainClient" | "none">;

/** @param outputs the stack's */
export function labWays(lab: Lab, outputs: Record<string, unknown>): LabWays {
    const services = (outputs.services ?? {}) as Record<string, { namespace: string; port: number }>;
    const plainClient: Record<string, string> = {};
    for (const [name, { namespace, port }] of Object.entries(services)) {
        const address = lab.serviceAddress(namespace, name);
        if (address !== undefined) {
            plainClient[`${namespace}/${name}`] = `${address}:${port}`;
        }
    }
    return lab.router === undefined
        ? { none: `this lab runs nothing for pods: ${lab.noRouter ?? "it has no data plane"}` }
        : {
              via: new URL(lab.router),
              ...(lab.routerTls === undefined ? {} : { viaTls: new URL(lab.routerTls) }),
              plainClient,
          };
}
