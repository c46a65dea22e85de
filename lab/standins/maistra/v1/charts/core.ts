import { randomBytes } from "node:crypto";
import type { KubeObject } from "../../../../../kube";
import { MEMBER_OF } from "../../common/names";
import {
    autoscaler,
    binding,
    chartLabels,
    clusterRole,
    configMap,
    deployment,
    DESTINATION_RULE,
    fromNamespaces,
    istio,
    type Mesh,
    MESH_POLICY,
    networkPolicy,
    rule,
    secret,
    service,
    serviceAccount,
} from "./parts";
import { galleyConfiguration } from "./webhook-configurations";

const FROM_ROUTER = fromNamespaces({ "network.openshift.io/policy-group": "ingress" });

/** What all components share: configuration, and the NetworkPolicies that close the mesh to the outside. */
export function core(mesh: Mesh): KubeObject[] {
    const labels = chartLabels("istio", "istio");
    const injected = { "config.openshift.io/inject-trusted-cabundle": "true" };
    const password = randomBytes(16).toString("base64url");
    const mtls = mesh.values.global.mtls.enabled === true;
    return [
        secret(mesh, "htpasswd", labels, { auth: `internal:${password}`, rawPassword: password }),
        configMap(mesh, "istio", labels, {
            mesh: `enableTracing: true\nmtls: ${mtls}\n`,
            meshNetworks: "networks: {}\n",
        }),
        configMap(mesh, "istio-sidecar-injector", chartLabels("istio", "istio", { istio: "sidecar-injector" }), {
            config: "policy: disabled\n",
            values: JSON.stringify({ global: mesh.values.global }),
        }),
        configMap(mesh, "trusted-ca-bundle", injected, {}),
        networkPolicy(mesh, "istio-mesh", labels, { ingress: fromNamespaces({ [MEMBER_OF]: mesh.namespace }) }),
        networkPolicy(mesh, "istio-ingress-router", labels, { ingress: FROM_ROUTER, internal: true }),
        networkPolicy(mesh, "istio-expose-route", labels, {
            pods: { "maistra.io/expose-route": "true" },
            ingress: FROM_ROUTER,
        }),
    ];
}

/** Citadel, and whether the mesh speaks mTLS: objects that nobody else may declare. */
export function security(mesh: Mesh): KubeObject[] {
    const labels = chartLabels("security", "security");
    const own = chartLabels("security", "security", { istio: "citadel" });
    const account = "istio-citadel-service-account";
    const roleName = `istio-citadel-${mesh.namespace}`;
    const meshRole = `istio-citadel-mesh-${mesh.namespace}`;
    const secrets = rule("", ["secrets"], ["create", "get", "watch", "list", "update", "delete"]);
    const reviews = rule("authentication.k8s.io", ["tokenreviews"], ["create"]);
    return [
        serviceAccount(mesh, account, labels),
        clusterRole(roleName, labels, [secrets, rule("", ["serviceaccounts"], ["get", "watch", "list"])]),
        clusterRole(meshRole, labels, [reviews]),
        binding(mesh, "ClusterRoleBinding", meshRole, { kind: "ClusterRole", name: meshRole }, account, labels),
        binding(mesh, "RoleBinding", roleName, { kind: "ClusterRole", name: roleName }, account, labels),
        service(
            mesh,
            "istio-citadel",
            own,
            [
                ["grpc-citadel", 8060, 8060],
                ["http-monitoring", 15014, 15014],
            ],
            { istio: "citadel" },
        ),
        deployment(mesh, {
            name: "istio-citadel",
            labels: own,
            pods: { app: "security", istio: "citadel" },
            account,
            containers: [{ name: "citadel", ...imageOf(mesh, "security") }],
        }),
        ...mtlsObjects(mesh, labels),
    ];
}

/** Receiving side: the mesh-wide policy; sending side, with mTLS on: two DestinationRules. */
function mtlsObjects(mesh: Mesh, labels: Record<string, string>): KubeObject[] {
    if (mesh.values.global.mtls.enabled !== true) {
        return [istio(mesh, MESH_POLICY, "default", labels, { peers: [{ mtls: { mode: "PERMISSIVE" } }] })];
    }
    const sending = (name: string, host: string, mode: string) =>
        istio(mesh, DESTINATION_RULE, name, labels, { host, trafficPolicy: { tls: { mode } } });
    return [
        istio(mesh, MESH_POLICY, "default", labels, { peers: [{ mtls: {} }] }),
        sending("default", "*.local", "ISTIO_MUTUAL"),
        sending("api-server", "kubernetes.default.svc.cluster.local", "DISABLE"),
    ];
}

/** Galley: validates Istio's configuration and hands it on. */
export function galley(mesh: Mesh): KubeObject[] {
    const labels = chartLabels("galley", "galley");
    const own = chartLabels("galley", "galley", { istio: "galley" });
    const account = "istio-galley-service-account";
    const roleName = `istio-galley-${mesh.namespace}`;
    return [
        configMap(mesh, "istio-galley-configuration", own, {}),
        serviceAccount(mesh, account, labels),
        clusterRole(roleName, labels, [
            rule("networking.istio.io", ["*"], ["get", "list", "watch"]),
            rule("", ["pods", "services", "endpoints", "namespaces", "nodes"], ["get", "list", "watch"]),
        ]),
        binding(
            mesh,
            "RoleBinding",
            `istio-galley-admin-role-binding-${mesh.namespace}`,
            { kind: "ClusterRole", name: roleName },
            account,
            labels,
        ),
        service(
            mesh,
            "istio-galley",
            own,
            [
                ["https-validation", 443, "webhook"],
                ["http-monitoring", 15014, 15014],
                ["grpc-mcp", 9901, 9901],
            ],
            { istio: "galley" },
        ),
        deployment(mesh, {
            name: "istio-galley",
            labels: own,
            pods: { app: "galley", istio: "galley" },
            account,
            containers: [
                { name: "galley", ...imageOf(mesh, "galley"), ports: [{ containerPort: 9443, name: "webhook" }] },
            ],
        }),
        networkPolicy(mesh, "istio-galley", labels, { pods: { istio: "galley" }, ingress: {}, internal: true }),
        galleyConfiguration(mesh),
    ];
}

/** Pilot: tells every proxy where to send and what to allow. */
export function pilot(mesh: Mesh): KubeObject[] {
    const labels = chartLabels("pilot", "pilot");
    const own = chartLabels("pilot", "pilot", { istio: "pilot" });
    const account = "istio-pilot-service-account";
    const roleName = `istio-pilot-${mesh.namespace}`;
    const sampling = [{ name: "PILOT_TRACE_SAMPLING", value: String(mesh.values.pilot.traceSampling ?? 1) }];
    return [
        serviceAccount(mesh, account, labels),
        clusterRole(roleName, labels, [
            rule("networking.istio.io", ["*"], ["*"]),
            rule("", ["pods", "services", "endpoints", "namespaces", "nodes", "secrets"], ["get", "list", "watch"]),
        ]),
        binding(mesh, "RoleBinding", roleName, { kind: "ClusterRole", name: roleName }, account, labels),
        service(
            mesh,
            "istio-pilot",
            own,
            [
                ["grpc-xds", 15010, 15010],
                ["https-xds", 15011, 15011],
                ["http-legacy-discovery", 8080, 8080],
                ["http-monitoring", 15014, 15014],
            ],
            { istio: "pilot" },
        ),
        deployment(mesh, {
            name: "istio-pilot",
            labels: own,
            pods: { app: "pilot", istio: "pilot" },
            account,
            containers: [{ name: "discovery", ...imageOf(mesh, "pilot"), env: sampling }, proxyContainer(mesh)],
        }),
        ...(mesh.values.pilot.autoscaleEnabled ? [autoscaler(mesh, "istio-pilot", labels)] : []),
    ];
}

/** Image and resources of a component, from its own values. */
export function imageOf(mesh: Mesh, component: string): { image: string; resources: object } {
    const own = mesh.values[component];
    return { image: own.image, resources: own.resources ?? mesh.values.global.defaultResources };
}

export function proxyContainer(mesh: Mesh): { name: string; image: string; resources: object } {
    const { image, resources } = mesh.values.global.proxy;
    return { name: "istio-proxy", image, resources };
}
