import { type KindRef, KindMissing, type Kube, type KubeObject } from "../../kube";
import { CORE_KINDS, type KindName, WATCHED } from "./kinds";
import { type ControlPlane, controlPlaneOf, controlPlanes } from "./meshes";
import type { MeshView, Workload } from "./translate";
import { isReady, workloadOf } from "./workload";

/** Changes that come together are taken together. */
const TOGETHER_MS = 5;

/** What the API server holds, kept by watches: what pods, proxies and the router have to know. */
export class ClusterView {
    private readonly objects = new Map<KindName, Map<string, KubeObject>>();
    /** Which version of a kind is watched, and what ends that. */
    private readonly watched = new Map<string, { version: string; end: AbortController }>();
    private readonly listeners: (() => void)[] = [];
    private pending?: NodeJS.Timeout;
    /** What follows from the objects, until one of them changes. */
    private seen: { planes?: ControlPlane[]; meshes: Map<ControlPlane, MeshView> } = { meshes: new Map() };

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

    /** The pod that has an address of this lab. */
    podAt(address: string | undefined): Workload | undefined {
        return this.all("pods")
            .flatMap((pod) => workloadOf(pod, this.octet) ?? [])
            .find((workload) => workload.address === address);
    }

    /** What the control plane of a pod's proxy sees; undefined while it sees nothing of the pod. */
    meshOf(pod: KubeObject): MeshView | undefined {
        const plane = controlPlaneOf(pod, this.planes());
        return plane === undefined ? undefined : this.mesh(plane);
    }

    namespaceLabels(namespace: string): Record<string, string> {
        const found = this.all("namespaces").find(({ metadata }) => metadata.name === namespace);
        return found?.metadata.labels ?? {};
    }

    private planes(): ControlPlane[] {
        this.seen.planes ??= controlPlanes({
            namespaces: this.all("namespaces"),
            controlPlanes: this.all("controlPlanes"),
            rolls: this.all("rolls"),
            revisions: this.all("revisions"),
        });
        return this.seen.planes;
    }

    private mesh(plane: ControlPlane): MeshView {
        const known = this.seen.meshes.get(plane) ?? this.viewOf(plane);
        this.seen.meshes.set(plane, known);
        return known;
    }

    private viewOf({ name, root, revision, autoMtls, retriesOn503, namespaces }: ControlPlane): MeshView {
        // 1.1 has kinds of its own for what PeerAuthentications say later.
        const isFirst = revision === undefined;
        return {
            controlPlane: { name, namespace: root, autoMtls, retriesOn503 },
            namespaces: [...namespaces],
            gateways: this.all("gateways"),
            virtualServices: this.all("virtualServices"),
            gatewayApi: isFirst
                ? undefined
                : {
                      classes: this.all("gatewayClasses"),
                      gateways: this.all("apiGateways"),
                      routes: this.all("httpRoutes"),
                  },
            destinationRules: this.all("destinationRules"),
            authorizationPolicies: this.all("authorizationPolicies"),
            meshPolicies: isFirst ? this.all("meshPolicies") : [],
            peerAuthentications: isFirst ? [] : this.all("peerAuthentications"),
            policies: isFirst ? this.all("policies") : [],
            others: this.all("others"),
            services: this.all("services"),
            secrets: this.all("secrets"),
            network: {
                policies: this.all("networkPolicies"),
                namespaceLabels: Object.fromEntries(
                    this.all("namespaces").map(({ metadata }) => [metadata.name, metadata.labels ?? {}]),
                ),
            },
            workloads: this.all("pods")
                .filter((pod) => namespaces.has(pod.metadata.namespace ?? "") && isReady(pod))
                .flatMap((pod) => workloadOf(pod, this.octet) ?? []),
        };
    }

    private watch(name: KindName, kind: KindRef, signal = this.signal): Promise<void> {
        const objects = this.objects.get(name) ?? new Map<string, KubeObject>();
        this.objects.set(name, objects);
        return new Promise((resolve) => {
            this.kube.watch(kind, {
                signal,
                onEvent: (type, object) => {
                    // Of Secrets only certificates are of interest, and nothing else of them is kept.
                    const matters = name !== "secrets" || object.data?.["tls.key"] !== undefined;
                    if (type === "DELETED" || !matters) {
                        if (!objects.delete(object.metadata.uid!) && !matters) {
                            return;
                        }
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
            const isServed = (wanted: string): boolean => served.some((each: { name: string }) => each.name === wanted);
            const known = this.watched.get(`${group}/${kind.kind}`);
            if (known !== undefined && isServed(known.version)) {
                continue;
            }
            // Another operator's CRDs may have dropped the version of before; each object is there in any of them.
            known?.end.abort();
            const now = { version: isServed(version) ? version : served[0].name, end: new AbortController() };
            this.watched.set(`${group}/${kind.kind}`, now);
            const signal = AbortSignal.any([this.signal, now.end.signal]);
            void this.watch(name, { apiVersion: `${group}/${now.version}`, kind: kind.kind }, signal);
        }
    }

    private changed(): void {
        this.seen = { meshes: new Map() };
        this.pending ??= setTimeout(() => {
            this.pending = undefined;
            this.listeners.forEach((listener) => listener());
        }, TOGETHER_MS);
    }
}

export const POD = CORE_KINDS.pods;
