import { isStatus, KindMissing, type Kube, type KubeObject, type Ref, refOf } from "../../../../kube";
import { INTERNAL, MEMBER_OF, NAD_KIND, OWNER } from "../common/names";
import { update } from "../common/write";

const ROLE_BINDING = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "RoleBinding" };
const NETWORK_POLICY = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" };
const NETWORK: Ref = { apiVersion: "config.openshift.io/v1", kind: "Network", name: "cluster" };

/** The CNI network that pods of members are attached to. */
export const CNI_NETWORK = "v1-1-istio-cni";

/**
 * Takes namespaces into one mesh and out of it again: copies of NetworkPolicies and RoleBindings, the CNI network, the
 * label (maistra/istio-operator, memberroll/namespace_reconciler.go; recorded: N2a, N6a).
 */
export class MemberNamespaces {
    private constructor(
        private readonly kube: Kube,
        private readonly mesh: string,
        private readonly cniEnabled: boolean,
        private readonly policies: KubeObject[],
        private readonly bindings: KubeObject[],
    ) {}

    /** Errors: the cluster's network is one that 1.1.7 knows nothing of; then no namespace at all is configured. */
    static async of(kube: Kube, mesh: string, cniEnabled: boolean): Promise<MemberNamespaces> {
        const copied = await usesNetworkPolicies(kube);
        const labelSelector = `${OWNER}=${mesh}`;
        const policies = copied ? await kube.list(NETWORK_POLICY, { namespace: mesh, labelSelector }) : [];
        const bindings = await kube.list(ROLE_BINDING, { namespace: mesh, labelSelector });
        const shared = policies.filter((policy) => policy.metadata.annotations?.[INTERNAL] === undefined);
        return new MemberNamespaces(kube, mesh, cniEnabled, shared, bindings);
    }

    /** False when there is no such namespace. Errors: it belongs to another mesh, or is going away. */
    async configure(namespace: string): Promise<boolean> {
        const found = await this.kube.get(namespaceRef(namespace));
        if (!found) {
            return false;
        }
        const member = found.metadata.labels?.[MEMBER_OF];
        if (member !== undefined && member !== this.mesh) {
            const problem = `as it is already a member of ${member}`;
            throw new Error(`Cannot reconcile namespace ${namespace} in mesh ${this.mesh}, ${problem}`);
        }
        await this.copy(NETWORK_POLICY, this.policies, namespace);
        await this.copy(ROLE_BINDING, this.bindings, namespace);
        if (this.cniEnabled) {
            await this.attachNetwork(namespace);
        }
        await update(this.kube, namespaceRef(namespace), (fresh) => {
            if (fresh.metadata.labels?.[MEMBER_OF] === this.mesh) {
                return false;
            }
            fresh.metadata.labels = { ...fresh.metadata.labels, [MEMBER_OF]: this.mesh };
        });
        return true;
    }

    async release(namespace: string): Promise<void> {
        if (!(await this.kube.get(namespaceRef(namespace)))) {
            return;
        }
        const ours = { namespace, labelSelector: `${MEMBER_OF}=${this.mesh}` };
        const bindings = await this.kube.list(ROLE_BINDING, { namespace, labelSelector: `${OWNER}=${this.mesh}` });
        await this.deleteAll(bindings);
        for (const network of await this.networks(ours)) {
            await this.kube.delete(refOf(network), { propagationPolicy: "Orphan" });
        }
        await this.deleteAll(await this.kube.list(NETWORK_POLICY, ours));
        await update(this.kube, namespaceRef(namespace), (fresh) => {
            if (fresh.metadata.labels?.[MEMBER_OF] === undefined) {
                return false;
            }
            delete fresh.metadata.labels[MEMBER_OF];
        });
    }

    /** Makes the copies that are missing and removes those whose original is gone; what is there stays as it is. */
    private async copy(kind: { apiVersion: string; kind: string }, originals: KubeObject[], namespace: string) {
        const existing = await this.kube.list(kind, { namespace, labelSelector: `${MEMBER_OF}=${this.mesh}` });
        const names = new Set(existing.map((object) => object.metadata.name));
        for (const original of originals.filter(({ metadata }) => !names.has(metadata.name))) {
            const { name, labels, annotations } = original.metadata;
            const { status: _, ...rest } = original;
            const metadata = { name, namespace, labels: { ...labels, [MEMBER_OF]: this.mesh }, annotations };
            await this.kube.create({ ...rest, apiVersion: kind.apiVersion, kind: kind.kind, metadata });
        }
        const wanted = new Set(originals.map((object) => object.metadata.name));
        await this.deleteAll(existing.filter((object) => !wanted.has(object.metadata.name)));
    }

    private async attachNetwork(namespace: string): Promise<void> {
        const existing = await this.networks({ namespace, labelSelector: `${MEMBER_OF}=${this.mesh}` });
        if (existing.some((network) => network.metadata.name === CNI_NETWORK)) {
            return;
        }
        await this.kube.create({
            ...NAD_KIND,
            metadata: { name: CNI_NETWORK, namespace, labels: { [MEMBER_OF]: this.mesh } },
        });
    }

    private async networks(options: { namespace: string; labelSelector: string }): Promise<KubeObject[]> {
        try {
            return await this.kube.list(NAD_KIND, options);
        } catch (error) {
            if (error instanceof KindMissing) {
                return [];
            }
            throw error;
        }
    }

    private async deleteAll(objects: KubeObject[]): Promise<void> {
        for (const object of objects) {
            await this.kube.delete(refOf(object));
        }
    }
}

/** Whether the cluster's network obeys NetworkPolicies, so that members need copies of the mesh's. */
async function usesNetworkPolicies(kube: Kube): Promise<boolean> {
    const network = await kube.get(NETWORK).catch((error: unknown) => {
        if (isStatus(error, 404)) {
            return undefined;
        }
        throw error;
    });
    const type: string | undefined = network?.spec?.networkType;
    switch (type?.toLowerCase()) {
        case undefined:
            return false;
        case "openshiftsdn":
        case "calico":
            return true;
        default:
            throw new Error(`unsupported network type: ${type}`);
    }
}

function namespaceRef(name: string): Ref {
    return { apiVersion: "v1", kind: "Namespace", name };
}
