import { KindMissing, type Kube, type KubeObject, type Ref, refOf } from "../../../../kube";
import { INTERNAL, MEMBER_OF, NAD_KIND, OWNER } from "../common/names";
import { update } from "../common/write";
import { cniSuffix } from "./charts/operator";
import { OWNER_NAME } from "./names";

const ROLE_BINDING = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "RoleBinding" };
const NETWORK_POLICY = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" };

/** The namespace is being deleted; nothing is configured in it, nor taken out of it. */
export class Terminating extends Error {
    constructor() {
        super("namespace is terminating");
    }
}

/** The CNI network that pods of members are attached to: "v2-5-istio-cni". */
export function cniNetwork(version: string): string {
    return `${cniSuffix(version)}-istio-cni`;
}

/**
 * Takes namespaces into one mesh and out of it again: copies of NetworkPolicies and RoleBindings, the CNI network, the
 * label; on any kind of network (maistra/istio-operator@maistra-2.5, member/namespace_reconciler.go; recorded: R1, R5).
 */
export class MemberNamespaces {
    private constructor(
        private readonly kube: Kube,
        private readonly mesh: string,
        private readonly cniEnabled: boolean,
        private readonly policies: KubeObject[],
        private readonly bindings: KubeObject[],
    ) {}

    static async of(kube: Kube, mesh: string, cniEnabled: boolean): Promise<MemberNamespaces> {
        const labelSelector = `${OWNER}=${mesh}`;
        const policies = await kube.list(NETWORK_POLICY, { namespace: mesh, labelSelector });
        const bindings = await kube.list(ROLE_BINDING, { namespace: mesh, labelSelector });
        const shared = policies.filter((policy) => policy.metadata.annotations?.[INTERNAL] === undefined);
        const wide = bindings.filter((binding) => binding.roleRef.kind !== "Role");
        return new MemberNamespaces(kube, mesh, cniEnabled, shared, wide);
    }

    /** Errors: Terminating; it belongs to another mesh; the API server's refusal. */
    async configure(namespace: string, version: string): Promise<void> {
        const found = await this.kube.get(namespaceRef(namespace));
        if (!found || found.metadata.deletionTimestamp) {
            throw new Terminating();
        }
        const member = found.metadata.labels?.[MEMBER_OF];
        if (member !== undefined && member !== this.mesh) {
            const problem = `as it is already a member of ${member}`;
            throw new Error(`cannot reconcile namespace ${namespace} in mesh ${this.mesh}, ${problem}`);
        }
        await this.copy(NETWORK_POLICY, this.policies, namespace);
        await this.copy(ROLE_BINDING, this.bindings, namespace);
        await this.attachNetwork(namespace, version);
        await update(this.kube, namespaceRef(namespace), (fresh) => {
            if (fresh.metadata.labels?.[MEMBER_OF] !== undefined) {
                return false;
            }
            fresh.metadata.labels = { ...fresh.metadata.labels, [MEMBER_OF]: this.mesh };
        });
    }

    /** Errors: Terminating. */
    async release(namespace: string): Promise<void> {
        const found = await this.kube.get(namespaceRef(namespace));
        if (!found) {
            return;
        }
        if (found.metadata.deletionTimestamp) {
            throw new Terminating();
        }
        const ours = { namespace, labelSelector: `${MEMBER_OF}=${this.mesh}` };
        await this.deleteAll(await this.kube.list(ROLE_BINDING, ours));
        await this.deleteAll(await this.networks(ours));
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
            const { name, annotations } = original.metadata;
            // By these two the control plane's pruning would find the copy.
            const { [OWNER]: _owner, [OWNER_NAME]: _name, ...labels } = original.metadata.labels ?? {};
            const { status: _status, ...rest } = original;
            const metadata = { name, namespace, labels: { ...labels, [MEMBER_OF]: this.mesh }, annotations };
            await this.kube.create({ ...rest, apiVersion: kind.apiVersion, kind: kind.kind, metadata });
        }
        const wanted = new Set(originals.map((object) => object.metadata.name));
        await this.deleteAll(existing.filter((object) => !wanted.has(object.metadata.name)));
    }

    private async attachNetwork(namespace: string, version: string): Promise<void> {
        const existing = await this.networks({ namespace, labelSelector: `${MEMBER_OF}=${this.mesh}` });
        const name = cniNetwork(version);
        if (this.cniEnabled && !existing.some((network) => network.metadata.name === name)) {
            const metadata = { name, namespace, labels: { [MEMBER_OF]: this.mesh } };
            await this.kube.create({ ...NAD_KIND, metadata, spec: { config: "" } });
        }
        await this.deleteAll(existing.filter((network) => !this.cniEnabled || network.metadata.name !== name));
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

function namespaceRef(name: string): Ref {
    return { apiVersion: "v1", kind: "Namespace", name };
}
