import { setTimeout as sleep } from "node:timers/promises";
import type { KubeObject, WatchEvent } from "../../../kube";
import { keyOf, splitKey, WorkQueue } from "../maistra/common/queue";
import { watched } from "../maistra/common/store";
import type { StandInContext } from "../types";
import { Cnis } from "./cni";
import { Helm } from "./helm";
import { all, type Sail } from "./host";
import { Istios } from "./istio";
import { CNI, DAEMON_SET, DEPLOYMENT, ISTIO, MANAGED, MUTATING, REVISION, TAG, VALIDATING } from "./names";
import { injectedInto, namedByNamespace, namedByPod } from "./references";
import { Revisions } from "./revision";
import { Tags } from "./tag";
import { needsCni } from "./values";

/** What the operator installs and makes again when somebody deletes it, beside the workloads. */
const INSTALLED = [
    { apiVersion: "v1", kind: "ConfigMap" },
    { apiVersion: "v1", kind: "Service" },
    { apiVersion: "v1", kind: "ServiceAccount" },
    { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler" },
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole" },
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding" },
    MUTATING,
    VALIDATING,
];

/**
 * One life of the operator: a controller a kind, each woken by what it watches (the Watches calls in
 * controllers/istio, istiorevision, istiocni and istiorevisiontag of openshift-service-mesh/sail-operator).
 */
export async function operator(context: StandInContext): Promise<void> {
    const { kube, signal } = context;
    const queue = (name: string, work: (name: string) => Promise<void>) => {
        const keys = new WorkQueue(context, name, (key) => work(splitKey(key).name));
        return (object: string) => keys.add(keyOf(undefined, object));
    };
    const lookAtIstio = queue("Istio", (name) => istios.reconcile(name));
    const lookAtRevision = queue("IstioRevision", (name) => revisions.reconcile(name));
    const lookAtCni = queue("IstioCNI", (name) => cnis.reconcile(name));
    const lookAtTag = queue("IstioRevisionTag", (name) => tags.reconcile(name));
    const owners: Record<string, (name: string) => void> = {
        [ISTIO.kind]: lookAtIstio,
        [REVISION.kind]: lookAtRevision,
        [CNI.kind]: lookAtCni,
        [TAG.kind]: lookAtTag,
    };
    const lookAtOwner = ({ metadata }: KubeObject): void => {
        const owner = metadata.ownerReferences?.find(({ controller }) => controller);
        if (owner) {
            owners[owner.kind]?.(owner.name);
        }
    };
    const follow = (kind: { apiVersion: string; kind: string }, changed: (object: KubeObject) => void) =>
        watched(kube, kind, { signal }, (_, object) => changed(object));

    const helm = new Helm(kube);
    const before = new Map<string, string[]>();
    /** Of a namespace or a pod: those that it named until now, and those that it names. */
    const lookAtNamed = (type: WatchEvent, object: KubeObject, named: string[]): void => {
        const id = object.metadata.uid ?? "";
        const concerned = new Set([...(before.get(id) ?? []), ...named]);
        before.set(id, type === "DELETED" ? [] : named);
        for (const name of concerned) {
            if (name !== "") {
                [lookAtRevision, lookAtTag].forEach((lookAt) => lookAt(name));
            }
        }
    };
    const lookAtTagsOf = (revision: string | undefined): void =>
        all(sail.tags)
            .filter((tag) => revision !== undefined && tag.status?.istioRevision === revision)
            .forEach((tag) => lookAtTag(tag.metadata.name));

    const sail: Sail = {
        context,
        helm,
        istios: follow(ISTIO, (istio) => {
            lookAtIstio(istio.metadata.name);
            lookAtTagsOf(istio.status?.activeRevisionName);
        }),
        revisions: follow(REVISION, (revision) => {
            lookAtRevision(revision.metadata.name);
            lookAtOwner(revision);
            lookAtTagsOf(revision.metadata.name);
        }),
        cnis: follow(CNI, (cni) => {
            lookAtCni(cni.metadata.name);
            all(sail.revisions)
                .filter((revision) => needsCni(revision.spec.values))
                .forEach((revision) => lookAtRevision(revision.metadata.name));
        }),
        tags: follow(TAG, (tag) => {
            lookAtTag(tag.metadata.name);
            if (tag.status?.istioRevision) {
                lookAtRevision(tag.status.istioRevision);
            }
        }),
        namespaces: watched(kube, { apiVersion: "v1", kind: "Namespace" }, { signal }, (type, namespace) => {
            const { name, labels } = namespace.metadata;
            all(sail.revisions)
                .filter((revision) => revision.spec.namespace === name)
                .forEach((revision) => lookAtRevision(revision.metadata.name));
            all(sail.cnis)
                .filter((cni) => cni.spec.namespace === name)
                .forEach((cni) => lookAtCni(cni.metadata.name));
            lookAtNamed(type, namespace, [namedByNamespace(labels)]);
        }),
        pods: watched(kube, { apiVersion: "v1", kind: "Pod" }, { signal }, (type, pod) => {
            if (type !== "MODIFIED") {
                lookAtNamed(type, pod, [injectedInto(pod), namedByPod(pod.metadata.labels)]);
            }
        }),
    };
    const istios = new Istios(sail, (name, milliseconds) => {
        void sleep(milliseconds, undefined, { signal }).then(
            () => lookAtIstio(name),
            () => undefined,
        );
    });
    const revisions = new Revisions(sail);
    const cnis = new Cnis(sail);
    const tags = new Tags(sail);

    for (const kind of [DEPLOYMENT, DAEMON_SET]) {
        watched(kube, kind, { signal, labelSelector: MANAGED }, (type, object) => {
            if (type === "DELETED") {
                helm.forget(object);
            }
            lookAtOwner(object);
        });
    }
    for (const kind of INSTALLED) {
        watched(kube, kind, { signal, labelSelector: MANAGED }, (type, object) => {
            if (type === "DELETED") {
                helm.forget(object);
                lookAtOwner(object);
            }
        });
    }
}
