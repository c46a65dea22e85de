import type { KubeObject } from "../../../../../kube";
import {
    autoscaler,
    binding,
    chartLabels,
    clusterRole,
    configMap,
    deployment,
    DESTINATION_RULE,
    istio,
    type Labels,
    managedPolicies,
    type Mesh,
    role,
    rule,
    runtimeOf,
    service,
    serviceAccount,
} from "./parts";
import { injectorConfiguration, validatorConfiguration } from "./webhook-configurations";

/** istiod: what of it, and in which order, is recorded in M1b. */
export function istioDiscovery(mesh: Mesh): KubeObject[] {
    const name = `istiod-${mesh.name}`;
    const plain = chartLabels(mesh, { app: "istiod" });
    const revised = chartLabels(mesh, { app: "istiod", istio: "pilot" }, true);
    const pods = { app: "istiod", "istio.io/rev": mesh.name };
    const scaling = mesh.applied.runtime?.components?.pilot?.deployment?.autoScaling ?? {};
    const pilot = deployment(mesh, {
        name,
        labels: revised,
        pods,
        podLabels: { istio: "pilot", "sidecar.istio.io/inject": "false" },
        podAnnotations: { "sidecar.istio.io/inject": "false" },
        account: name,
        containers: [{ name: "discovery", ...runtimeOf(mesh, "pilot") }],
        replicas: scaling.enabled ? undefined : 1,
    });
    return [
        ...managedPolicies(mesh, [
            { name: `istio-istiod-${mesh.name}`, labels: revised, pods, ingress: {}, internal: true },
        ]),
        ...configuration(mesh),
        serviceAccount(mesh, name, plain),
        ...access(mesh, name, plain),
        service(
            mesh,
            name,
            revised,
            [
                ["grpc-xds", 15010, 15010],
                ["https-dns", 15012, 15012],
                ["https-webhook", 443, 15017],
                ["http-monitoring", 15014, 15014],
                ["http-discovery", 8188, 8188],
            ],
            pods,
        ),
        pilot,
        ...(scaling.enabled ? [autoscaler(pilot, scaling)] : []),
        istio(mesh, DESTINATION_RULE, name, revised, {
            host: `${name}.${mesh.namespace}.svc.cluster.local`,
            trafficPolicy: { portLevelSettings: [{ port: { number: 8188 }, tls: { mode: "SIMPLE" } }] },
        }),
        validatorConfiguration(mesh),
        injectorConfiguration(mesh),
    ];
}

function configuration(mesh: Mesh): KubeObject[] {
    const labels = chartLabels(mesh, {}, true);
    const { dataPlane = {} } = mesh.applied.security ?? {};
    const { type, sampling } = mesh.applied.tracing ?? {};
    const meshConfig = [
        `enableAutoMtls: ${dataPlane.automtls !== false}`,
        `enableTracing: ${type === "Jaeger"}`,
        `rootNamespace: ${mesh.namespace}`,
        ...(sampling === undefined ? [] : ["defaultConfig:", "  tracing:", `    sampling: ${sampling / 100}`]),
    ];
    return [
        configMap(mesh, `istio-${mesh.name}`, labels, {
            mesh: `${meshConfig.join("\n")}\n`,
            meshNetworks: "networks: {}\n",
        }),
        configMap(mesh, `istio-sidecar-injector-${mesh.name}`, labels, {
            config: "policy: disabled\n",
            values: JSON.stringify({ global: { proxy: mesh.applied.proxy?.runtime?.container }, revision: mesh.name }),
        }),
    ];
}

function access(mesh: Mesh, account: string, labels: Labels): KubeObject[] {
    const suffix = `${mesh.name}-${mesh.namespace}`;
    const read = ["get", "list", "watch"];
    const wide = { gateway: `istiod-gateway-controller-${suffix}`, main: `istiod-clusterrole-${suffix}` };
    const mine = `istiod-internal-${mesh.name}`;
    const internal = (made: KubeObject): KubeObject => ({
        ...made,
        metadata: { ...made.metadata, annotations: { "maistra.io/internal": "true" } },
    });
    const bound = (kind: "RoleBinding" | "ClusterRoleBinding", name: string) =>
        binding(mesh, kind, name, { kind: "ClusterRole", name }, account, labels);
    return [
        clusterRole(wide.gateway, labels, [rule("apps", ["deployments"], [...read, "update", "patch", "create"])]),
        clusterRole(wide.main, labels, [
            rule("networking.istio.io", ["*"], [...read, "update"]),
            rule("security.istio.io", ["*"], [...read, "update"]),
            rule("", ["pods", "services", "endpoints", "secrets", "configmaps"], read),
        ]),
        clusterRole(`istiod-internal-${suffix}`, labels, [rule("", ["nodes", "namespaces"], read)]),
        internal(role(mesh, mine, labels, [rule("", ["secrets"], ["create", ...read, "update", "delete"])])),
        bound("ClusterRoleBinding", `istiod-internal-${suffix}`),
        bound("RoleBinding", wide.gateway),
        bound("RoleBinding", wide.main),
        internal(binding(mesh, "RoleBinding", mine, { kind: "Role", name: mine }, account, labels)),
    ];
}
