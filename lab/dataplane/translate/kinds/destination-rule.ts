import { z } from "zod";
import type { KubeObject } from "../../../../kube";
import { fullHost } from "../hosts";
import type { Refusals } from "../refuse";
import { exportTo, host, port } from "./common";

/** How clients speak to a host. */
export interface DestinationRule {
    namespace: string;
    name: string;
    /** In full; may begin with "*". */
    host: string;
    exportTo: string[];
    /** Absent when the rule leaves it open. */
    tls?: ClientTls;
    /** What is said for single ports, in the place of all that is said for the host. */
    ports: Map<number, ClientTls | undefined>;
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
    trafficPolicy: z
        .strictObject({
            tls: tls.optional(),
            portLevelSettings: z
                .array(z.strictObject({ port: z.strictObject({ number: port }), tls: tls.optional() }))
                .default([]),
        })
        .optional(),
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
        ports: new Map(spec.trafficPolicy?.portLevelSettings.map((each) => [each.port.number, each.tls?.mode])),
    };
}
