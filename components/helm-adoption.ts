import * as pulumi from "@pulumi/pulumi";
import { type Need, need } from "../cluster/need";
import { type ClusterProvider, configure, foreignCluster } from "./foreign-cluster";

export interface HelmAdoptionArgs {
    /** Objects that the release brings, and that the Maistra operator may have left under the same names. */
    objects: { apiVersion: string; kind: string; name: string }[];
    release: { name: string; namespace: string };
}

/**
 * The rights to look whether the Maistra operator left something, and to hand it over. What it left are roles: nobody may
 * write to a ClusterRole who does not hold all that is in it, or has `escalate` on it; nor to a binding without `bind` on the
 * role that it binds (kubernetes, pkg/registry/rbac), which has the binding's name here.
 * @param moving whether this stack has the control plane that left them
 */
export function needsToAdopt({ objects }: Pick<HelmAdoptionArgs, "objects">, moving: boolean): Need[] {
    const why = "handing over what Service Mesh 2 left";
    const role = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole" };
    return objects.flatMap((object) => {
        const { name, kind } = object;
        const asked = need(object, ["get", ...(moving ? ["patch" as const] : [])], why, { name });
        const held = kind === "ClusterRole" ? "escalate" : kind === "ClusterRoleBinding" ? "bind" : undefined;
        return moving && held ? [asked, need(role, [held], why, { name })] : [asked];
    });
}

const provider: ClusterProvider = {
    configure,

    async create(this: ClusterProvider, inputs: HelmAdoptionArgs) {
        const cluster = foreignCluster(this);
        const adopted: string[] = [];
        for (const { apiVersion, kind, name } of inputs.objects) {
            const ref = { apiVersion, kind, metadata: { name } };
            const live = await cluster.read(ref);
            if (live?.metadata.labels?.["app.kubernetes.io/managed-by"] !== "maistra-istio-operator") {
                continue;
            }
            // Control planes before 2.4 have their network plugin run by it (maistra/istio-operator, overlays/istio_cni).
            const planes = await cluster.list("maistra.io/v2", "ServiceMeshControlPlane");
            const users = planes.filter((p) => /^v(1\.\d+|2\.[0-3])$/.test(p.spec?.version ?? ""));
            if (users.length > 0) {
                const names = users.map((p) => `${p.metadata.namespace}/${p.metadata.name} (${p.spec.version})`);
                throw new Error(
                    `${kind} ${name}, which Service Mesh 3 needs for itself, is still used by ServiceMeshControlPlane ` +
                        `${names.join(", ")}: bring it to v2.4 or later first`,
                );
            }
            await cluster.merge(ref, {
                metadata: {
                    labels: { "app.kubernetes.io/managed-by": "Helm" },
                    annotations: {
                        "meta.helm.sh/release-name": inputs.release.name,
                        "meta.helm.sh/release-namespace": inputs.release.namespace,
                    },
                },
            });
            adopted.push(`${kind} ${name}`);
        }
        return { id: `${inputs.release.namespace}/${inputs.release.name}`, outs: { ...inputs, adopted } };
    },

    async update(_id: string, _olds: HelmAdoptionArgs, news: HelmAdoptionArgs) {
        return { outs: news };
    },

    async diff(_id: string, olds: HelmAdoptionArgs, news: HelmAdoptionArgs) {
        const moved = (["name", "namespace"] as const).some((key) => olds.release[key] !== news.release[key]);
        return { changes: moved, replaces: moved ? ["release"] : [] };
    },

    // What was handed over goes with the release.
    async delete() {},
};

/**
 * Hands objects that the Maistra operator has left to the Helm release that an operator is about to make: Helm refuses what
 * it does not own, and IstioCNI would never become healthy beside or after Service Mesh 2 (seen on the real operators:
 * trap 48). Errors: an older control plane still needs one of them.
 */
export class HelmAdoption extends pulumi.dynamic.Resource {
    constructor(name: string, args: HelmAdoptionArgs, opts: pulumi.CustomResourceOptions) {
        // Its own code is no reason to replace what it stands for: what was done is undone by the code that did it.
        const kept = pulumi.mergeOptions(opts, { ignoreChanges: ["__provider"] });
        super(provider, name, { ...args }, kept, "mesh", "HelmAdoption");
    }
}
