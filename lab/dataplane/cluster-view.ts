import { type KindRef, KindMissing, type Kube, type KubeObject } from "../../kube";
import { CORE_KINDS, type KindName, WATCHED } from "./kinds";
import type { MeshView } from "./translate";
import { isReady, workloadOf } from "./workload";

/** A namespace's label that says in which mesh it is: the namespace of the control plane. */
const MEMBER_OF = "maistra.io/member-of";

/** Changes that come together are taken together. */
const TOGETHER_MS = 5;

/** What the API server holds, kept by watches: what pods, proxies and the router have to know. */
export class ClusterView {
    private readonly objects = new Map<KindName, Map<string, KubeObject>>();
    private readonly watched = new Set<string>();
    private readonly listeners: (() => void)[] = [];
    private pending?: NodeJS.Timeout;

    constructor(
        private readonly kube: Kube,
        private readonly octet: number,
        private readonly signal: AbortSignal,
        private readonly log: (line: string) => void,
    ) {}

    /** Called a few milliseconds after a change, however many there were. */
    onChange(listener: () => void): void {
        this.listeners.push(listener);
    }

    /** Resolves when the kinds that every cluster has are known; the others follow, each when there is its CRD. */
    async start(): Promise<void> {
        const core = WATCHED.filter(({ custom }) => !custom);
        await Promise.all(core.map(({ name, kind }) => this.watch(name, kind)));
    }

    all(name: KindName): KubeObject[] {
        return [...(this.objects.get(name)?.values() ?? [])];
    }

    /** Pods that others may be sent to, by namespace and labels. */
    readyPods(namespace: string, selector: Record<string, string>): KubeObject[] {
        const wanted = Object.entries(selector);
        return this.all("pods").filter(
            (pod) =>
                pod.metadata.namespace === namespace &&
                wanted.every(([key, value]) => pod.metadata.labels?.[key] === value) &&
                isReady(pod),
        );
    }

    /** The mesh of a namespace: as its control plane's, or as a member. */
    meshOf(namespace: string): MeshView | undefined {
        const memberOf = this.namespaceLabels(namespace)[MEMBER_OF];
        const root = memberOf ?? (this.isControlPlane(namespace) ? namespace : undefined);
        return root === undefined ? undefined : this.mesh(root);
    }

    namespaceLabels(namespace: string): Record<string, string> {
        const found = this.all("namespaces").find(({ metadata }) => metadata.name === namespace);
        return found?.metadata.labels ?? {};
    }

    private isControlPlane(namespace: string): boolean {
        return (
            this.all("controlPlanes").some(({ metadata }) => metadata.namespace === namespace) ||
            this.members(namespace).length > 0
        );
    }

    private members(root: string): string[] {
        return this.all("namespaces")
            .filter(({ metadata }) => metadata.labels?.[MEMBER_OF] === root)
            .map(({ metadata }) => metadata.name);
    }

    private mesh(root: string): MeshView {
        const controlPlane = this.all("controlPlanes").find(({ metadata }) => metadata.namespace === root);
        const members = this.members(root);
        const inside = new Set([root, ...members]);
        return {
            controlPlane: { namespace: root, autoMtls: controlPlane?.spec?.istio?.global?.mtls?.auto === true },
            members,
            gateways: this.all("gateways"),
            virtualServices: this.all("virtualServices"),
            destinationRules: this.all("destinationRules"),
            authorizationPolicies: this.all("authorizationPolicies"),
            meshPolicies: this.all("meshPolicies"),
            peerAuthentications: this.all("peerAuthentications"),
            policies: this.all("policies"),
            others: this.all("others"),
            services: this.all("services"),
            workloads: this.all("pods")
                .filter((pod) => inside.has(pod.metadata.namespace ?? "") && isReady(pod))
                .flatMap((pod) => workloadOf(pod, this.octet) ?? []),
        };
    }

    private watch(name: KindName, kind: KindRef): Promise<void> {
        const objects = this.objects.get(name) ?? new Map<string, KubeObject>();
        this.objects.set(name, objects);
        return new Promise((resolve) => {
            this.kube.watch(kind, {
                signal: this.signal,
                onEvent: (type, object) => {
                    if (type === "DELETED") {
                        objects.delete(object.metadata.uid!);
                    } else {
                        objects.set(object.metadata.uid!, object);
                    }
                    if (name === "crds") {
                        this.watchKindOf(object);
                    } else {
                        this.changed();
                    }
                },
                onSynced: resolve,
                // Discovery may be a moment behind a CRD that has just been made.
                onError: (error) => error instanceof KindMissing || this.log(`${kind.kind}: ${error.message}`),
            });
        });
    }

    /** A kind is watched from when it is served: until then it would be asked for again and again. */
    private watchKindOf(crd: KubeObject): void {
        const established = (crd.status?.conditions ?? []).some(
            ({ type, status }: { type: string; status: string }) => type === "Established" && status === "True",
        );
        if (!established) {
            return;
        }
        for (const { name, kind, custom } of WATCHED) {
            const [group, version] = kind.apiVersion.split("/");
            const served = crd.spec.versions.filter((each: { served: boolean }) => each.served);
            if (!custom || crd.spec.group !== group || crd.spec.names.kind !== kind.kind || served.length === 0) {
                continue;
            }
            const wanted = served.some((each: { name: string }) => each.name === version) ? version : served[0].name;
            if (!this.watched.has(`${group}/${kind.kind}`)) {
                this.watched.add(`${group}/${kind.kind}`);
                void this.watch(name, { apiVersion: `${group}/${wanted}`, kind: kind.kind });
            }
        }
    }

    private changed(): void {
        this.pending ??= setTimeout(() => {
            this.pending = undefined;
            this.listeners.forEach((listener) => listener());
        }, TOGETHER_MS);
    }
}

export const POD = CORE_KINDS.pods;
