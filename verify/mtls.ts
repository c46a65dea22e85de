import type { KubeObject } from "../kube";
import type { Side } from "./environment";
import type { View } from "./reads";

/** A plain reading of what a mesh says of mutual TLS, in every generation. */

export type Mode = "strict" | "permissive" | "off";

/** What the mesh as a whole takes in, and whether its clients use mTLS. */
export interface MeshTls {
    receives: Mode;
    sends: boolean;
}

type TlsView = Pick<
    View,
    "meshPolicies" | "namespacePolicies" | "peerAuthentications" | "destinationRules" | "controlPlanes"
>;

/**
 * 1.1 says it in two places: ServiceMeshPolicy `default` for what is taken in, DestinationRule `default` for what is sent
 * (recorded: maistra117 N3). Later ones say what is taken in by a PeerAuthentication in the root namespace; with automatic
 * mTLS each client uses it to whoever has a sidecar, which DestinationRules of the operator 2.x ask for besides (recorded:
 * maistra25 M3a; istio.io, mesh config, enableAutoMtls).
 */
export function meshTls({ config, dialect }: Pick<Side, "config" | "dialect">, view: TlsView): MeshTls {
    const { name, namespace } = config.controlPlane;
    const [{ kind }] = dialect.controlPlane(config);
    const plane = view.controlPlanes.find((c) => c.kind === kind && c.metadata.name === name);
    const rule = view.destinationRules.find(
        (r) =>
            r.metadata.namespace === namespace &&
            ["*.local", "*.cluster.local"].includes(r.spec?.host) &&
            r.spec?.trafficPolicy?.tls?.mode === "ISTIO_MUTUAL",
    );
    return { receives: taken(namespace, view, plane), sends: isAutomatic(plane) || rule !== undefined };
}

function taken(root: string, view: TlsView, plane: KubeObject | undefined): Mode {
    if (plane?.apiVersion !== FIRST) {
        const wide = oldest(view.peerAuthentications.filter((p) => p.metadata.namespace === root && isWide(p)));
        return wide === undefined ? "permissive" : (mtlsMode(wide.spec?.mtls) ?? "permissive");
    }
    const policy = view.meshPolicies.find((p) => p.metadata.namespace === root && p.metadata.name === "default");
    return modeOf(policy);
}

/** The control plane's API in generation 1.1. */
const FIRST = "maistra.io/v1";

/** Where nothing is said: no in 1.1, yes since Istio 1.5 (istio.io, 1.5 change notes). */
function isAutomatic(plane: KubeObject | undefined): boolean {
    if (plane?.apiVersion === FIRST) {
        return plane.spec?.istio?.global?.mtls?.auto === true;
    }
    const said = [plane?.spec?.security?.dataPlane?.automtls, plane?.spec?.values?.meshConfig?.enableAutoMtls];
    return !said.includes(false);
}

/**
 * What one service takes in: by what is said of it, else of its namespace, else of the mesh. Policy in 1.1,
 * PeerAuthentication after it, which may also say it of a single port.
 */
export function receives(
    view: TlsView,
    mesh: MeshTls,
    {
        namespace,
        name,
        port,
        labels,
    }: { namespace: string; name: string; port: number; labels: Record<string, string> },
): Mode {
    const policies = view.namespacePolicies.filter((p) => p.metadata.namespace === namespace);
    const targets = (p: KubeObject): { name: string }[] => p.spec?.targets ?? [];
    const policy =
        policies.find((p) => targets(p).some((t) => t.name === name)) ??
        policies.find((p) => p.metadata.name === "default" && targets(p).length === 0);
    if (policy) {
        return modeOf(policy);
    }
    const near = view.peerAuthentications.filter((p) => p.metadata.namespace === namespace);
    const own = oldest(near.filter((p) => !isWide(p) && selects(p, labels)));
    const wide = oldest(near.filter(isWide));
    const said = [own?.spec?.portLevelMtls?.[String(port)], own?.spec?.mtls, wide?.spec?.mtls].map(mtlsMode);
    return said.find((mode) => mode !== undefined) ?? mesh.receives;
}

function isWide(policy: KubeObject): boolean {
    return Object.keys(policy.spec?.selector?.matchLabels ?? {}).length === 0;
}

function selects(policy: KubeObject, labels: Record<string, string>): boolean {
    return Object.entries(policy.spec?.selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
}

/** Of several that say it of the same, the oldest holds (istio/istio, pilot/pkg/model/authentication.go). */
function oldest(policies: KubeObject[]): KubeObject | undefined {
    const time = (p: KubeObject): string => p.metadata.creationTimestamp ?? "";
    return [...policies].sort((a, b) => time(a).localeCompare(time(b)))[0];
}

/** UNSET and nothing at all leave it to who says it more widely. */
function mtlsMode(mtls: { mode?: string } | undefined): Mode | undefined {
    const modes: Record<string, Mode> = { STRICT: "strict", PERMISSIVE: "permissive", DISABLE: "off" };
    return modes[mtls?.mode ?? ""];
}

/** spec.peers: none is plain text only; mtls without a mode is STRICT (istio.io/api, authentication/v1alpha1). */
export function modeOf(policy: KubeObject | undefined): Mode {
    const peers: { mtls?: { mode?: string } | null }[] = policy?.spec?.peers ?? [];
    const mtls = peers.find((p) => "mtls" in p);
    return !mtls ? "off" : mtls.mtls?.mode === "PERMISSIVE" ? "permissive" : "strict";
}
