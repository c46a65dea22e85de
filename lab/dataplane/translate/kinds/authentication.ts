import { z } from "zod";
import type { KubeObject } from "../../../../kube";
import { DENIED, type Refusals } from "../refuse";
import { policyScope, type Scope, selectorScope } from "../scope";
import { labels, port, text } from "./common";

/** STRICT: only mTLS. PERMISSIVE: mTLS or plain text. DISABLE: only plain text. */
export type InboundMode = "STRICT" | "PERMISSIVE" | "DISABLE";

/** What a workload must accept from its peers. Absent modes are left to the next wider rule. */
export interface PeerRule {
    object: KubeObject;
    scope: Scope;
    mode?: InboundMode;
    /** Modes of single ports of the workload. */
    ports: Record<number, InboundMode | undefined>;
    /** Services whose ports the rule is for, and only those: 1.1's targets. No ports means all. */
    targets?: { name: string; ports: (number | string)[] }[];
}

const mode = z.enum(["STRICT", "PERMISSIVE"], { error: "is neither STRICT nor PERMISSIVE" });

// "mtls:" with nothing behind it means mTLS with its defaults.
const peers = z.array(z.strictObject({ mtls: z.strictObject({ mode: mode.optional() }).nullable() })).default([]);

const meshPolicySpec = z.strictObject({ peers });

const policySpec = z.strictObject({
    peers,
    targets: z
        .array(
            z.strictObject({
                name: text,
                ports: z
                    .array(
                        z.union([
                            z.strictObject({ number: port }).transform(({ number }) => number),
                            z.strictObject({ name: text }).transform(({ name }) => name),
                        ]),
                    )
                    .default([]),
            }),
        )
        .default([]),
});

const anyMode = z.strictObject({ mode: z.enum(["UNSET", "STRICT", "PERMISSIVE", "DISABLE"]).default("UNSET") });

const peerAuthenticationSpec = z
    .strictObject({
        selector: z.strictObject({ matchLabels: labels.default({}) }).optional(),
        mtls: anyMode.optional(),
        portLevelMtls: z.record(z.string().regex(/^\d{1,5}$/, "is no port number"), anyMode).default({}),
    })
    .refine(
        ({ selector, portLevelMtls }) =>
            Object.keys(portLevelMtls).length === 0 || Object.keys(selector?.matchLabels ?? {}).length > 0,
        { path: ["portLevelMtls"], message: "needs a selector" },
    );

/** 1.1's policy for a whole mesh (maistra/istio-operator, charts/security/templates/enable-mesh-mtls.yaml). */
export function readMeshPolicy(object: KubeObject, refusals: Refusals): PeerRule | undefined {
    if (object.metadata.name !== "default") {
        refusals.add(object, "metadata.name", 'must be "default"', DENIED);
        return undefined;
    }
    const spec = refusals.read(meshPolicySpec, object, object.spec ?? {}, "spec", DENIED);
    return spec && { object, scope: { of: "mesh" }, mode: modeOf(spec.peers), ports: {} };
}

/** 1.1's policy for a namespace, or for services of it. */
export function readPolicy(object: KubeObject, refusals: Refusals): PeerRule | undefined {
    const { name, namespace = "" } = object.metadata;
    const spec = refusals.read(policySpec, object, object.spec ?? {}, "spec", DENIED);
    if (spec === undefined) {
        return undefined;
    }
    const { targets } = spec;
    if (targets.length === 0 && name !== "default") {
        refusals.add(object, "metadata.name", 'must be "default" for a policy without targets', DENIED);
        return undefined;
    }
    const scope: Scope =
        targets.length === 0
            ? { of: "namespace", namespace }
            : { of: "services", namespace, names: targets.map((target) => target.name) };
    return { object, scope, mode: modeOf(spec.peers), ports: {}, ...(targets.length === 0 ? {} : { targets }) };
}

/** Without mTLS among its peers a policy of 1.1 turns it off (istio 1.4, pilot/pkg/security/authn/v1alpha1). */
function modeOf(read: z.infer<typeof peers>): InboundMode {
    return read.length === 0 ? "DISABLE" : (read[0].mtls?.mode ?? "STRICT");
}

/** What came after 1.1. Without selector it holds for its namespace, in the root namespace for the whole mesh. */
export function readPeerAuthentication(object: KubeObject, root: string, refusals: Refusals): PeerRule | undefined {
    const { namespace = "" } = object.metadata;
    const spec = refusals.read(peerAuthenticationSpec, object, object.spec ?? {}, "spec", DENIED);
    if (spec === undefined) {
        return undefined;
    }
    return {
        object,
        scope: peerScope(namespace, spec.selector?.matchLabels, root),
        mode: unlessUnset(spec.mtls?.mode),
        ports: Object.fromEntries(Object.entries(spec.portLevelMtls).map(([p, each]) => [p, unlessUnset(each.mode)])),
    };
}

/** Unlike a policy's, a selector stays within its namespace even in the root namespace. */
export function peerScope(namespace: string, labels: Record<string, string> = {}, root: string): Scope {
    return Object.keys(labels).length === 0 ? policyScope(namespace, labels, root) : selectorScope(namespace, labels);
}

function unlessUnset(written: InboundMode | "UNSET" | undefined): InboundMode | undefined {
    return written === "UNSET" ? undefined : written;
}
