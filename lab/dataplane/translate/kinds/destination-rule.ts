import { z } from "zod";
import type { KubeObject } from "../../../../kube";
import { fullHost } from "../hosts";
import type { Refusals } from "../refuse";
import { exportTo, host } from "./common";

/** How clients speak to a host. */
export interface DestinationRule {
    namespace: string;
    name: string;
    /** In full; may begin with "*". */
    host: string;
    exportTo: string[];
    /** Absent when the rule leaves it open. */
    tls?: ClientTls;
}

export type ClientTls = "DISABLE" | "ISTIO_MUTUAL";

const tls = z.strictObject({
    mode: z
        .string()
        .refine(
            (mode) => mode === "DISABLE" || mode === "ISTIO_MUTUAL",
            "only DISABLE and ISTIO_MUTUAL are modelled here",
        )
        .transform((mode) => mode as ClientTls),
});

const destinationRuleSpec = z.strictObject({
    host,
    exportTo,
    trafficPolicy: z.strictObject({ tls: tls.optional() }).optional(),
});

export function readDestinationRule(object: KubeObject, refusals: Refusals): DestinationRule | undefined {
    const { name, namespace = "" } = object.metadata;
    const spec = refusals.read(destinationRuleSpec, object, object.spec, "spec");
    if (spec === undefined) {
        return undefined;
    }
    return {
        namespace,
        name,
        host: fullHost(spec.host, namespace),
        exportTo: spec.exportTo,
        tls: spec.trafficPolicy?.tls?.mode,
    };
}
