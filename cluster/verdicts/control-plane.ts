import type { KubeObject } from "../../kube";
import { called, condition, failed, MAKE_AGAIN, ready, type Snapshot, type Verdict, waiting, words } from "../verdict";

export const CONTROL_PLANE_NAMES = ["controlPlanes", "deployments"] as const;
export type ControlPlaneSnapshot = Snapshot<(typeof CONTROL_PLANE_NAMES)[number]>;

export interface ControlPlaneWant {
    namespace: string;
    name: string;
}

export interface ControlPlaneReady {
    /** What the operator says it has installed: 1.1 its own version and the generation ("1.1.7-1"), 2.x the charts'. */
    reconciled?: string;
    generation: number;
}

/**
 * Whether a ServiceMeshControlPlane (1.1, 2.x) is really done: Ready and Reconciled True, and its status is about the
 * present generation. Right after a change the old all-True status stands for 60 to 200 ms, and only observedGeneration
 * gives it away (trap 19; recorded: maistra117 N3). The reason's words are not to be relied on: InstallSuccessful, then
 * UpdateSuccessful (recorded: N1, N3).
 */
export function judgeControlPlane(seen: ControlPlaneSnapshot, want: ControlPlaneWant): Verdict<ControlPlaneReady> {
    const plane = seen.controlPlanes.find(
        (c) => c.metadata.name === want.name && c.metadata.namespace === want.namespace,
    );
    if (!plane) {
        return waiting(`ServiceMeshControlPlane ${want.namespace}/${want.name} is not there`, MAKE_AGAIN);
    }
    const { generation = 0, deletionTimestamp } = plane.metadata;
    if (deletionTimestamp) {
        return beingDeleted(plane);
    }
    const status = plane.status ?? {};
    const [isReady, reconciled] = [condition(plane, "Ready"), condition(plane, "Reconciled")];
    if (!isReady || !reconciled) {
        return waiting(`${want.name}: the operator has not begun`, [
            "The operator may not be running:",
            "  oc get pods -n openshift-operators -l name=istio-operator",
        ]);
    }
    if (status.observedGeneration === generation && isReady.status === "True" && reconciled.status === "True") {
        const count = status.annotations?.readyComponentCount;
        const say = `${want.name}: ${reconciled.reason}${count ? `, ${count} components` : ""}`;
        return ready({ reconciled: status.reconciledVersion ?? status.chartVersion, generation }, say);
    }
    if (reconciled.status === "True" && isReady.status === "True") {
        return waiting(`${want.name}: the operator has yet to notice generation ${generation}`);
    }
    return final(plane) ?? waiting(`${want.name}: ${progress(seen, plane)}`, advice(seen, plane));
}

/** Errors that no retry ends: what is rendered or validated is the spec, and that only a person changes. */
function final(plane: KubeObject): Verdict<never> | undefined {
    const wrong = ["Reconciled", "Ready"]
        .map((t) => condition(plane, t))
        .find((c) => {
            const neverHeals = ["ValidationError", "ErrMultipleSMCPs"].includes(c?.reason ?? "");
            // Recorded: maistra117 END (a render error), maistra 2.5 (a profile that does not exist).
            return (
                c?.status === "False" &&
                (neverHeals || (c.reason === "ReconcileError" && /^Error rendering helm charts/.test(c.message ?? "")))
            );
        });
    return (
        wrong &&
        failed({
            object: called("ServiceMeshControlPlane", plane.metadata),
            found: wrong.reason,
            expected: "Ready and Reconciled",
            said: wrong.message ?? "",
            by: "the operator",
            todo: ["The operator cannot make a mesh of this spec: change what it names under mesh:controlPlane."],
        })
    );
}

function beingDeleted(plane: KubeObject): Verdict<never> {
    const { name, namespace } = plane.metadata;
    return failed({
        object: called("ServiceMeshControlPlane", plane.metadata),
        found: "is being deleted",
        expected: "to stay",
        said: words(condition(plane, "Reconciled")),
        by: "the operator",
        todo: [
            "Run this again when it has gone. Only a running operator clears its finalizers:",
            `  oc get servicemeshcontrolplane ${name} -n ${namespace} -w`,
        ],
    });
}

/** "PausingInstall, 5 of 9 components, waiting for istio-policy" */
function progress(seen: ControlPlaneSnapshot, plane: KubeObject): string {
    const reconciled = condition(plane, "Reconciled");
    const isReady = condition(plane, "Ready");
    const said = reconciled?.status === "False" ? reconciled : isReady;
    const paused = PAUSED.exec(said?.message ?? "");
    const awaited = (paused?.[1] ?? paused?.[2] ?? "").split(" ");
    const parts = [said?.reason ?? "waiting", paused ? count(plane, awaited) : (said?.message ?? "")];
    const late = unavailable(seen).map((d) => d.metadata.name);
    if (late.length) {
        parts.push(`waiting for ${late.join(", ")}`);
    } else if (paused) {
        // At the end operator 1.1 removes what is obsolete, which takes it 24 s and changes nothing that can be seen
        // (recorded: N1).
        parts.push("its pods are ready, the operator is still at work");
    }
    const refused = seen.deployments.map((d) => condition(d, "ReplicaFailure")).find((c) => c?.status === "True");
    return [...parts, refused?.message].filter(Boolean).join(", ");
}

/** Operator 1.1 names one component, operator 2 all: "the following components become ready: [istio-egress ...]". */
const PAUSED = /^Paused until (?:the following components become ready: \[([^\]]*)\]|(\S+) becomes ready)/;

/** "3 of 5 components". Operator 2 counts them itself. */
function count(plane: KubeObject, awaited: string[]): string {
    const counted = /^(\d+)\/(\d+)$/.exec(plane.status?.annotations?.readyComponentCount ?? "");
    if (counted) {
        return `${counted[1]} of ${counted[2]} components`;
    }
    const components: { resource: string; conditions?: { type: string; status: string }[] }[] =
        plane.status?.components ?? [];
    const done = components.filter((c) => {
        const isDone = c.conditions?.some((k) => k.type === "Reconciled" && k.status === "True");
        return isDone && !awaited.includes(c.resource);
    });
    return `${done.length} of ${components.length} components`;
}

function unavailable(seen: ControlPlaneSnapshot): KubeObject[] {
    return seen.deployments.filter(
        (d) => condition(d, "Available")?.status !== "True" && !d.metadata.deletionTimestamp,
    );
}

function advice(seen: ControlPlaneSnapshot, plane: KubeObject): string[] {
    const { namespace } = plane.metadata;
    const isMissing = condition(plane, "Reconciled")?.reason === "DependencyMissingError";
    return [
        // Recorded: maistra25 M4c: 23 s after what was missing had come (trap 42).
        ...(isMissing ? ["The operator looks again with growing pauses: minutes after what it misses has come."] : []),
        ...(unavailable(seen).length ? ["Its pods say why they are not ready:", `  oc get pods -n ${namespace}`] : []),
        "The operator's own log:",
        "  oc logs -n openshift-operators deployment/istio-operator",
    ];
}
