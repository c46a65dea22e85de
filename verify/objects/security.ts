import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../../kube";
import { accessSpec } from "../../specs/access";
import { type Check, judged } from "../check";
import type { Environment } from "../environment";
import { describe, policiesFor } from "../policy";
import type { View } from "../reads";

export type Mode = "strict" | "permissive" | "off";

/** What the mesh as a whole takes in, and whether its clients use mTLS. */
export interface MeshTls {
    receives: Mode;
    sends: boolean;
}

/**
 * Step 9. 1.1 says it in two places: ServiceMeshPolicy `default` for what is taken in, DestinationRule `default` for
 * what is sent; with `auto` each client uses mTLS to who has a sidecar (recorded: maistra117 N3; istio.io, 1.4 mesh config).
 */
export function meshTls(own: string, view: Pick<View, "meshPolicies" | "destinationRules" | "controlPlanes">): MeshTls {
    const policy = view.meshPolicies.find((p) => p.metadata.namespace === own && p.metadata.name === "default");
    const auto = view.controlPlanes.some((c) => c.spec?.istio?.global?.mtls?.auto === true);
    const rule = view.destinationRules.find(
        (r) =>
            r.metadata.namespace === own &&
            r.spec?.host === "*.local" &&
            r.spec?.trafficPolicy?.tls?.mode === "ISTIO_MUTUAL",
    );
    return { receives: modeOf(policy), sends: auto || rule !== undefined };
}

/** What one service takes in: by a Policy for it, else its namespace's, else the mesh's. */
export function receives(
    view: Pick<View, "namespacePolicies">,
    mesh: MeshTls,
    namespace: string,
    service: string,
): Mode {
    const near = view.namespacePolicies.filter((p) => p.metadata.namespace === namespace);
    const targets = (p: KubeObject): { name: string }[] => p.spec?.targets ?? [];
    const own = near.find((p) => targets(p).some((t) => t.name === service));
    const chosen = own ?? near.find((p) => p.metadata.name === "default" && targets(p).length === 0);
    return chosen ? modeOf(chosen) : mesh.receives;
}

/** spec.peers: none is plain text only; mtls without a mode is STRICT (istio.io/api, authentication/v1alpha1). */
export function modeOf(policy: KubeObject | undefined): Mode {
    const peers: { mtls?: { mode?: string } | null }[] = policy?.spec?.peers ?? [];
    const mtls = peers.find((p) => "mtls" in p);
    return !mtls ? "off" : mtls.mtls?.mode === "PERMISSIVE" ? "permissive" : "strict";
}

export function checkMtls({ outputs }: Environment, view: View): Check {
    const { namespace, mtls } = outputs.controlPlane;
    const { receives, sends } = meshTls(namespace, view);
    // Without mTLS, 1.1 still takes it in from whoever uses it.
    const expected = {
        strict: "plain text refused, clients use mTLS",
        permissive: "plain text taken, clients use mTLS",
        off: "plain text taken, clients use plain text",
    }[mtls as Mode];
    const taken = receives === "strict" ? "refused" : "taken";
    const seen = `plain text ${taken}, clients use ${sends ? "mTLS" : "plain text"}`;
    return judged({ group: "security", subject: "mtls", expected: `${mtls}: ${expected}` }, seen === expected, seen);
}

/** Step 10: each service has the policy that the config wants for it, and no other. */
export function checkPolicies({ outputs, services }: Environment, view: View): Check[] {
    const own = outputs.controlPlane.namespace;
    return services.map(({ name, namespace, allow }) => {
        const labels = labelsOf(view, namespace, name);
        const held = policiesFor(view.authorizationPolicies, { namespace, labels }, own);
        const wanted = accessSpec(name, namespace, allow) as KubeObject["spec"] | undefined;
        const about = {
            group: "security" as const,
            subject: `callers of ${namespace}/${name}`,
            expected: wanted ? `to-${name}: ${describe(wanted)}` : "anyone",
        };
        const seen = held.map((p) => `${p.metadata.name}: ${describe(p.spec)}`).join("; ") || "anyone";
        const right = wanted
            ? held.length === 1 &&
              held[0].metadata.name === `to-${name}` &&
              isDeepStrictEqual(bare(held[0].spec), bare(wanted))
            : held.length === 0;
        const differs = !right && seen === about.expected ? `${seen}, but not in just these words` : seen;
        return judged(about, right, differs);
    });
}

/** The labels that policies and Services know a service's pods by. */
export function labelsOf(
    view: Pick<View, "deployments" | "deploymentConfigs">,
    namespace: string,
    name: string,
): Record<string, string> {
    const workload = [...view.deployments, ...view.deploymentConfigs].find(
        (w) => w.metadata.namespace === namespace && w.metadata.name === name,
    );
    return workload?.spec?.template?.metadata?.labels ?? { app: name };
}

/** Without what is empty: it means the same. */
function bare(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(bare);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    const entries = Object.entries(value).filter(
        ([key, v]) => !(Array.isArray(v) && v.length === 0 && key !== "rules"),
    );
    return Object.fromEntries(entries.map(([key, v]) => [key, bare(v)]));
}
