import type { KubeObject, OwnerReference } from "../../../kube";
import type { Entry } from "../maistra/journal";
import { recording, steps } from "./recording";

/** One thing that happened, in words that do not depend on the run. */
export type Told = string;

export interface Happening {
    event: string;
    kind: string;
    namespace: string;
    name: string;
    /** What is new: see the recordings' `o`. */
    changed: Record<string, any>;
}

const SAIL = ["Istio", "IstioRevision", "IstioCNI", "IstioRevisionTag"];
/** Of these the order of coming and going is told. */
const IN_ORDER = [
    ...["Deployment", "DaemonSet", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
    "NetworkAttachmentDefinition",
];
/** Of these only that they come and go: Helm writes those of one kind side by side. */
const IN_ANY_ORDER = [
    ...["ConfigMap", "ServiceAccount", "Service", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"],
    "HorizontalPodAutoscaler",
];
/** Which of two is seen depends on how far Kubernetes' own controllers are. */
const SOME_PODS = [
    /istiod Deployment is scaled to zero replicas|not all istiod pods are ready/,
    /no istio-cni-node pods are currently scheduled|not all istio-cni-node pods are ready/,
];
const UNKNOWN = /^\w+ status .*"Unknown".*"Unknown".*"Unknown"/;

/** The kinds that the tests watch. */
export const KINDS = [
    ...SAIL.map((kind) => ["sailoperator.io/v1", kind]),
    ...["Deployment", "DaemonSet"].map((kind) => ["apps/v1", kind]),
    ...["ConfigMap", "ServiceAccount", "Service"].map((kind) => ["v1", kind]),
    ...["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"].map((kind) => [
        "rbac.authorization.k8s.io/v1",
        kind,
    ]),
    ["autoscaling/v2", "HorizontalPodAutoscaler"],
    ...["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"].map((kind) => [
        "admissionregistration.k8s.io/v1",
        kind,
    ]),
    ["k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition"],
].map(([apiVersion, kind]) => ({ apiVersion, kind }));

export function recorded(step: string): Happening[] {
    return recording(step)
        .filter((line) => line.ev !== "MARK")
        .map((line) => ({ event: line.ev, kind: line.kind, namespace: line.ns, name: line.name, changed: line.o }));
}

export function everythingRecorded(): Happening[] {
    return steps().flatMap(recorded);
}

export function seen(entries: Entry[]): Happening[] {
    return entries.map(({ event, object, before }) => ({
        event,
        kind: object.kind,
        namespace: object.metadata.namespace ?? "",
        name: object.metadata.name,
        changed: event === "DELETED" ? {} : changes(object, before),
    }));
}

/** The doings of each object of the operator's kinds, and of what it installs. */
export function tell(happenings: Happening[]): Record<string, Told[]> {
    const told: Record<string, Told[]> = {};
    const say = (part: string, lines: Told[]) => {
        if (lines.length > 0) {
            told[part] = [...(told[part] ?? []), ...lines];
        }
    };
    for (const happening of happenings) {
        const { event, kind, namespace, name } = happening;
        const id = `${kind} ${namespace}/${name}`;
        if (SAIL.includes(kind)) {
            say(`${kind} ${name}`, tellSail(happening));
        } else if (IN_ORDER.includes(kind)) {
            say("in order", event === "MODIFIED" ? closed(id, happening) : [`${event} ${id}${webhooks(happening)}`]);
        } else if (IN_ANY_ORDER.includes(kind) && event !== "MODIFIED") {
            say("in any order", [`${event} ${id} ${event === "ADDED" ? happening.changed.owners : ""}`]);
        }
    }
    for (const part of Object.keys(told)) {
        told[part] = part === "in any order" ? told[part].sort() : settled(told[part]);
    }
    return told;
}

/** What the status of an object said when it was new, flickers and all. */
export function flicker(happenings: Happening[]): Told[] {
    return happenings
        .filter(({ kind, changed }) => kind === "Istio" && changed.status)
        .map(({ changed: { status } }) => `${status.state ?? "-"} of ${status.revisions.total}: ${words(status)}`)
        .slice(0, 3);
}

/** Every message of every status: the stand-in has no words of its own. */
export function messages(happenings: Happening[]): string[] {
    return happenings
        .filter(({ kind }) => SAIL.includes(kind))
        .flatMap(({ changed }) => changed.status?.conditions ?? [])
        .flatMap(({ message }: { message?: string }) => (message ? [message] : []));
}

function words({ conditions }: { conditions: any[] }): string {
    return conditions.map(({ type, status, reason = "" }) => `${type}=${status} ${reason}`.trim()).join(", ");
}

/** Without what is a matter of moments: a passing Unknown, and repetitions. */
function settled(told: Told[]): Told[] {
    return told.filter((line) => !UNKNOWN.test(line)).filter((line, index, all) => line !== all[index - 1]);
}

function tellSail({ event, kind, changed }: Happening): Told[] {
    const { finalizers, owners, status, deletionTimestamp, spec } = changed;
    if (event === "DELETED") {
        return ["DELETED"];
    }
    const lines: Told[] = [];
    if (spec) {
        lines.push(`${event === "ADDED" ? "ADDED" : "spec"} ${JSON.stringify(sorted(spec))} ${owners ?? ""}`);
    }
    if (deletionTimestamp) {
        lines.push("deleted");
    } else if (finalizers) {
        lines.push(`finalizers ${finalizers}`);
    }
    if (status) {
        const text = JSON.stringify(sorted(status), (key, value) => (key === "lastTransitionTime" ? undefined : value));
        lines.push(`${kind} status ${SOME_PODS.reduce((all, some) => all.replace(some, "some pods"), text)}`);
    }
    return lines;
}

function webhooks({ changed }: Happening): string {
    return changed.webhooks ? ` ${changed.owners} ${JSON.stringify(sorted(changed.webhooks))}` : "";
}

/** From open to closed: the one change of a webhook configuration that is the operator's. */
function closed(id: string, { kind, changed }: Happening): Told[] {
    const shut = kind === "ValidatingWebhookConfiguration" && changed.webhooks?.every(({ fp }: any) => fp === "Fail");
    return shut ? [`closed ${id}`] : [];
}

function changes(object: KubeObject, before?: KubeObject): Record<string, any> {
    const now = view(object);
    const then = before ? view(before) : {};
    return Object.fromEntries(
        Object.entries(now).filter(
            ([key, value]) => value !== undefined && JSON.stringify(value) !== JSON.stringify(then[key]),
        ),
    );
}

function view({ metadata, spec, status, webhooks: hooks }: KubeObject): Record<string, any> {
    return {
        finalizers: metadata.finalizers,
        deletionTimestamp: metadata.deletionTimestamp,
        owners: metadata.ownerReferences?.map(
            (owner: OwnerReference & { controller?: boolean; blockOwnerDeletion?: boolean }) =>
                `${owner.kind}/${owner.name}${owner.controller ? "(ctrl)" : ""}${owner.blockOwnerDeletion ? "(block)" : ""}`,
        ),
        spec: withoutImages(spec),
        status,
        webhooks: hooks?.map((hook: any) => ({
            name: hook.name,
            fp: hook.failurePolicy,
            nsSel: hook.namespaceSelector,
            objSel: hook.objectSelector,
            svc: new URL(hook.clientConfig.url).pathname.slice(1),
            ca: 0,
        })),
    };
}

function withoutImages(value: any): any {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        return value;
    }
    const kept = Object.entries(value).filter(([key]) => key !== "image");
    return Object.fromEntries(kept.map(([key, inner]) => [key, withoutImages(inner)]));
}

/** Keys in order, deeply: JSON text then tells equal from different. */
function sorted(value: any): any {
    if (Array.isArray(value)) {
        return value.map(sorted);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    return Object.fromEntries(
        Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, inner]) => [key, sorted(inner)]),
    );
}
