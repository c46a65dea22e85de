import type { KubeObject } from "../../kube";
import {
    called,
    condition,
    failed,
    type GateProblem,
    MAKE_AGAIN,
    ready,
    type Snapshot,
    type Verdict,
    waiting,
} from "../verdict";

export const ROLLOUT_NAMES = ["workloads", "replicaSets", "pods", "namespaces"] as const;
export type RolloutSnapshot = Snapshot<(typeof ROLLOUT_NAMES)[number]>;

export interface RolloutWant {
    kind: "Deployment" | "DeploymentConfig";
    namespace: string;
    name: string;
    /** Every pod must have its sidecar. */
    sidecar: boolean;
}

export interface RolloutReady {
    replicas: number;
}

const INJECT = "sidecar.istio.io/inject";
const PROXY = "istio-proxy";
const AUTO = "auto";
/** Labels of a namespace whose pods an injector sees: of generations 1.1 and 2, and of 3. */
const MEMBERS = ["maistra.io/member-of", "istio-injection", "istio.io/rev"];

/**
 * Whether a workload is rolled out as it is written now, no pod of an older template is left, and every pod has its
 * sidecar and is ready. A pod of the present template without a sidecar never gets one (trap 24: the injector only sees
 * pods when they are made): that is the end, said at once. What the kubelet says (ImagePullBackOff, CrashLoopBackOff)
 * can heal and is shown.
 */
export function judgeRollout(seen: RolloutSnapshot, want: RolloutWant): Verdict<RolloutReady> {
    const workload = seen.workloads.find(
        (w) => w.metadata.name === want.name && w.metadata.namespace === want.namespace,
    );
    if (!workload) {
        return waiting(`${called(want.kind, want)} is not there`, MAKE_AGAIN);
    }
    const status = workload.status ?? {};
    const { name } = want;
    if ((status.observedGeneration ?? 0) < (workload.metadata.generation ?? 0)) {
        return waiting(`${name}: its controller has yet to notice generation ${workload.metadata.generation}`);
    }
    const replicas: number = workload.spec?.replicas ?? 1;
    const pods = seen.pods.filter((p) => isLive(p) && matches(p, workload));
    const current = pods.filter((p) => isCurrent(p, workload, seen.replicaSets));
    const bare = want.sidecar ? current.find((p) => !hasSidecar(p)) : undefined;
    if (bare) {
        return failed(withoutSidecar(seen, workload, bare, want));
    }
    const [updated, available] = [status.updatedReplicas ?? 0, status.availableReplicas ?? 0];
    const old = pods.length - current.length;
    const done = updated >= replicas && (status.replicas ?? 0) === updated && available >= replicas && old === 0;
    if (done && current.length >= replicas && current.every(isReady)) {
        return ready(
            { replicas },
            `${name}: ${replicas} of ${replicas} pods ready${want.sidecar ? ", each with its sidecar" : ""}`,
        );
    }
    const readyPods = current.filter(isReady).length;
    const byHand = old > 0 && !rollsByItself(workload);
    const parts = [
        `${name}: ${readyPods} of ${replicas} pods ready`,
        old ? `${old} old` : "",
        byHand ? "it has no ConfigChange trigger and must be rolled out by hand" : trouble(workload, current),
    ];
    return waiting(parts.filter(Boolean).join(", "), [
        ...(byHand ? [`  ${restart(want)}`] : []),
        `oc describe pods -n ${want.namespace} -l '${selectorOf(workload)}'`,
        `oc get events -n ${want.namespace} --sort-by=.lastTimestamp`,
    ]);
}

/** A pod that still counts: not on its way out, not finished. */
function isLive(pod: KubeObject): boolean {
    return !pod.metadata.deletionTimestamp && !["Succeeded", "Failed"].includes(pod.status?.phase);
}

/** A Deployment selects by matchLabels, a DeploymentConfig by the labels themselves. */
function labelsOf(workload: KubeObject): Record<string, string> {
    const selector = workload.spec?.selector ?? {};
    return workload.kind === "DeploymentConfig" ? selector : (selector.matchLabels ?? {});
}

function matches(pod: KubeObject, workload: KubeObject): boolean {
    return Object.entries(labelsOf(workload)).every(([k, v]) => pod.metadata.labels?.[k] === v);
}

/** The label selector of a workload's pods, as the API takes it: "app=cart,tier in (a,b)". */
export function selectorOf(workload: KubeObject): string {
    const labels = Object.entries(labelsOf(workload)).map(([k, v]) => `${k}=${v}`);
    const rules: { key: string; operator: string; values?: string[] }[] =
        workload.spec?.selector?.matchExpressions ?? [];
    const inWords = rules.map(({ key, operator, values = [] }) => {
        const list = `(${values.join(",")})`;
        return { In: `${key} in ${list}`, NotIn: `${key} notin ${list}`, Exists: key, DoesNotExist: `!${key}` }[
            operator
        ];
    });
    return [...labels, ...(workload.kind === "DeploymentConfig" ? [] : inWords)].join(",");
}

/** A DeploymentConfig only follows its template when it is told to; without any trigger named it does. */
function rollsByItself(workload: KubeObject): boolean {
    const triggers: { type: string }[] | undefined = workload.spec?.triggers;
    return workload.kind !== "DeploymentConfig" || !triggers || triggers.some((t) => t.type === "ConfigChange");
}

function restart({ kind, name, namespace }: RolloutWant): string {
    return kind === "DeploymentConfig"
        ? `oc rollout latest dc/${name} -n ${namespace}`
        : `oc rollout restart deployment/${name} -n ${namespace}`;
}

/**
 * Made from the template as it is now. A Deployment's newest ReplicaSet has its revision; a DeploymentConfig numbers
 * its ReplicationControllers.
 */
function isCurrent(pod: KubeObject, workload: KubeObject, replicaSets: KubeObject[]): boolean {
    if (asksForSidecar(workload.spec?.template?.metadata) && !asksForSidecar(pod.metadata)) {
        // From before the template asked: seen while a DeploymentConfig has not yet counted up its version.
        return false;
    }
    if (workload.kind === "DeploymentConfig") {
        return pod.metadata.labels?.deployment === `${workload.metadata.name}-${workload.status?.latestVersion}`;
    }
    const REVISION = "deployment.kubernetes.io/revision";
    const revision = workload.metadata.annotations?.[REVISION];
    const newest = replicaSets.find(
        (r) =>
            r.metadata.annotations?.[REVISION] === revision &&
            r.metadata.ownerReferences?.some((o) => o.kind === "Deployment" && o.name === workload.metadata.name),
    );
    return (
        newest !== undefined &&
        pod.metadata.labels?.["pod-template-hash"] === newest.metadata.labels?.["pod-template-hash"]
    );
}

/** By label, as newer generations want it, or by annotation; where both are, the label counts. */
export function asksForSidecar(meta?: {
    annotations?: Record<string, string>;
    labels?: Record<string, string>;
}): boolean {
    return (meta?.labels?.[INJECT] ?? meta?.annotations?.[INJECT]) === "true";
}

/**
 * As a container, or as an init container that keeps running (native sidecars of newer generations). A gateway brings the
 * container itself; only the injector replaces its image.
 */
function hasSidecar(pod: KubeObject): boolean {
    const all: { name: string; image?: string }[] = [
        ...(pod.spec?.containers ?? []),
        ...(pod.spec?.initContainers ?? []),
    ];
    return all.some((c) => c.name === PROXY && c.image !== AUTO);
}

function isUninjected(pod: KubeObject): boolean {
    return pod.spec?.containers?.some((c: { name: string; image?: string }) => c.name === PROXY && c.image === AUTO);
}

function isReady(pod: KubeObject): boolean {
    return condition(pod, "Ready")?.status === "True";
}

function withoutSidecar(seen: RolloutSnapshot, workload: KubeObject, pod: KubeObject, want: RolloutWant): GateProblem {
    const namespace = seen.namespaces.find((n) => n.metadata.name === want.namespace);
    const labels = namespace?.metadata.labels ?? {};
    const isMember = MEMBERS.some((label) => label in labels) && labels["istio-injection"] !== "disabled";
    const because = !asksForSidecar(workload.spec?.template?.metadata)
        ? [`Its pod template does not ask for one: it lacks ${INJECT}: "true".`]
        : !isMember
          ? [`Namespace ${want.namespace} is not a member of a mesh, so the injector does not see its pods.`]
          : [
                "It was made before its namespace was a member, or while the injector was away. Make it anew:",
                `  ${restart(want)}`,
            ];
    return {
        object: called("Pod", pod.metadata),
        found: isUninjected(pod) ? `not injected, image ${AUTO}` : `no container ${PROXY}`,
        expected: `every pod of ${want.kind} ${want.name} to have its sidecar`,
        said: `containers ${(pod.spec?.containers ?? []).map((c: { name: string }) => c.name).join(", ")}`,
        by: "the pod",
        todo: because,
    };
}

/** The first thing that the controller, the scheduler or the kubelet complains of, in its own words. */
function trouble(workload: KubeObject, pods: KubeObject[]): string {
    const refused = condition(workload, "ReplicaFailure");
    if (refused?.status === "True") {
        return refused.message ?? refused.reason ?? "";
    }
    for (const pod of pods) {
        const unscheduled = condition(pod, "PodScheduled");
        if (unscheduled?.status === "False") {
            return `${pod.metadata.name}: ${unscheduled.message ?? unscheduled.reason}`;
        }
        const statuses: ContainerStatus[] = [
            ...(pod.status?.initContainerStatuses ?? []),
            ...(pod.status?.containerStatuses ?? []),
        ];
        const stuck = statuses.find(
            (s) =>
                s.state?.waiting &&
                s.state.waiting.reason !== "ContainerCreating" &&
                s.state.waiting.reason !== "PodInitializing",
        );
        if (stuck?.state?.waiting) {
            const { reason, message } = stuck.state.waiting;
            return `${pod.metadata.name} ${stuck.name}: ${[reason, message].filter(Boolean).join(": ")}`;
        }
    }
    const slow = condition(workload, "Progressing");
    return slow?.status === "False" ? (slow.message ?? "") : "";
}

interface ContainerStatus {
    name: string;
    state?: { waiting?: { reason?: string; message?: string } };
}
