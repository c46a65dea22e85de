import { type Read, readAll } from "../cluster/reads";
import type { Kube, KubeObject } from "../kube";
import type { Environment } from "./environment";

const OLM = "operators.coreos.com/v1alpha1";

/** Everything that verify reads of a cluster, by kind; a kind that is not served has no objects. */
export async function readCluster(kube: Kube, env: Environment): Promise<View> {
    return readAll(kube, readsFor(env, await kube.groupVersions()));
}

export type View = Record<keyof ReturnType<typeof readsFor>, KubeObject[]>;

/** All that verify reads, beside the pieces of a mesh (objects/pieces.ts). */
export function readsFor({ sides, outputs, services }: Environment, served: string[]) {
    const roots = distinct(sides.map(({ config }) => config.controlPlane.namespace));
    const homes = distinct([...roots, ...sides.map(({ entry }) => entry.namespace)]);
    const members = distinct([...outputs.members, ...services.map((s) => s.namespace)]);
    const everywhere = (apiVersion: string, kind: string, resource: string, more: Partial<Read> = {}): Read[] => [
        { apiVersion, kind, resource, ...more },
    ];
    const within =
        (namespaces: string[]) =>
        (apiVersion: string, kind: string, resource: string): Read[] =>
            namespaces.map((namespace) => ({ apiVersion, kind, resource, namespace }));
    const inMembers = within(members);
    const inMesh = within(distinct([...roots, ...members]));
    // The older of two generations: its API versions are still served for the newer one's objects.
    const { networking, security } = sides[0].dialect.apis;
    const listeners = ["triggers.tekton.dev/v1beta1", "triggers.tekton.dev/v1alpha1"].find((v) => served.includes(v));
    return {
        csvs: everywhere(OLM, "ClusterServiceVersion", "clusterserviceversions", {
            labelSelector: "!olm.copiedFrom",
        }),
        controlPlanes: sides.flatMap(({ dialect, config }): Read[] => {
            const [{ apiVersion, kind, metadata }] = dialect.controlPlane(config);
            const { name, namespace } = metadata;
            return [{ apiVersion, kind, resource: `${kind.toLowerCase()}s`, name, namespace }];
        }),
        rolls: within(roots)("maistra.io/v1", "ServiceMeshMemberRoll", "servicemeshmemberrolls"),
        members: inMembers("maistra.io/v1", "ServiceMeshMember", "servicemeshmembers"),
        namespaces: everywhere("v1", "Namespace", "namespaces"),
        deployments: within(distinct([...homes, ...members]))("apps/v1", "Deployment", "deployments"),
        deploymentConfigs: inMembers("apps.openshift.io/v1", "DeploymentConfig", "deploymentconfigs"),
        replicaSets: inMembers("apps/v1", "ReplicaSet", "replicasets"),
        pods: inMembers("v1", "Pod", "pods"),
        services: inMembers("v1", "Service", "services"),
        listeners: listeners === undefined ? [] : inMembers(listeners, "EventListener", "eventlisteners"),
        // A host is claimed cluster-wide.
        routes: everywhere("route.openshift.io/v1", "Route", "routes"),
        authorizationPolicies: inMesh(security, "AuthorizationPolicy", "authorizationpolicies"),
        // How generation 1.1 says what is taken in, and how those after it do.
        meshPolicies: everywhere("authentication.maistra.io/v1", "ServiceMeshPolicy", "servicemeshpolicies"),
        namespacePolicies: inMembers("authentication.istio.io/v1alpha1", "Policy", "policies"),
        peerAuthentications: inMesh(security, "PeerAuthentication", "peerauthentications"),
        destinationRules: inMesh(networking, "DestinationRule", "destinationrules"),
    };
}

function distinct(names: string[]): string[] {
    return [...new Set(names)];
}
