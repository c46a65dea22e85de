import type { KubeObject } from "../../../../kube";
import { deploymentName } from "../../../gateway-api/names";
import { suffixed } from "../names";
import type { Istiod } from "./istiods";

const PROXY_IMAGE = "sidecar.istio.io/proxyImage";

/** The one container of a Gateway's pods, as far as anybody in a lab looks at it. */
export function gatewayContainer(gateway: KubeObject, { namespace, revision, values }: Istiod): object {
    const text = (name: string, value: string) => ({ name, value });
    const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
    const limit = (name: string, what: string) => ({
        name,
        valueFrom: { resourceFieldRef: { resource: `limits.${what}` } },
    });
    const probe = { httpGet: { path: "/healthz/ready", port: 15_021, scheme: "HTTP" }, timeoutSeconds: 1 };
    const { image, resources } = values.global?.proxy ?? {};
    const { name, metadata } = { name: deploymentName(gateway), metadata: gateway.metadata };
    return {
        name: "istio-proxy",
        image: metadata.annotations?.[PROXY_IMAGE] ?? image,
        // What the chart says where the Istio says nothing.
        resources: resources ?? {
            requests: { cpu: "100m", memory: "128Mi" },
            limits: { cpu: "2000m", memory: "1024Mi" },
        },
        securityContext: {
            capabilities: { drop: ["ALL"] },
            allowPrivilegeEscalation: false,
            privileged: false,
            readOnlyRootFilesystem: true,
            runAsUser: 1337,
            runAsGroup: 1337,
            runAsNonRoot: true,
        },
        ports: [
            { containerPort: 15_020, name: "metrics", protocol: "TCP" },
            { containerPort: 15_021, name: "status-port", protocol: "TCP" },
            { containerPort: 15_090, name: "http-envoy-prom", protocol: "TCP" },
        ],
        args: [
            ...["proxy", "router", "--domain", "$(POD_NAMESPACE).svc.cluster.local"],
            ...["--proxyLogLevel", "warning", "--proxyComponentLogLevel", "misc:error"],
            ...["--log_output_level", "default:info"],
        ],
        env: [
            text("PILOT_CERT_PROVIDER", "istiod"),
            text("CA_ADDR", `${suffixed("istiod", revision)}.${namespace}.svc:15012`),
            field("POD_NAME", "metadata.name"),
            field("POD_NAMESPACE", "metadata.namespace"),
            field("INSTANCE_IP", "status.podIP"),
            field("SERVICE_ACCOUNT", "spec.serviceAccountName"),
            field("HOST_IP", "status.hostIP"),
            limit("ISTIO_CPU_LIMIT", "cpu"),
            text("PROXY_CONFIG", "{}\n"),
            text("ISTIO_META_POD_PORTS", "[]"),
            text("ISTIO_META_APP_CONTAINERS", ""),
            limit("GOMEMLIMIT", "memory"),
            limit("GOMAXPROCS", "cpu"),
            text("ISTIO_META_CLUSTER_ID", "Kubernetes"),
            field("ISTIO_META_NODE_NAME", "spec.nodeName"),
            text("ISTIO_META_INTERCEPTION_MODE", "REDIRECT"),
            text("ISTIO_META_WORKLOAD_NAME", name),
            text("ISTIO_META_OWNER", `kubernetes://apis/apps/v1/namespaces/${metadata.namespace}/deployments/${name}`),
            text("ISTIO_META_MESH_ID", "cluster.local"),
            text("TRUST_DOMAIN", "cluster.local"),
        ],
        startupProbe: { ...probe, failureThreshold: 30, initialDelaySeconds: 1, periodSeconds: 1, successThreshold: 1 },
        readinessProbe: { ...probe, failureThreshold: 4, periodSeconds: 15, successThreshold: 1 },
        volumeMounts: [
            { name: "workload-socket", mountPath: "/var/run/secrets/workload-spiffe-uds" },
            { name: "credential-socket", mountPath: "/var/run/secrets/credential-uds" },
            { name: "workload-certs", mountPath: "/var/run/secrets/workload-spiffe-credentials" },
            { name: "istiod-ca-cert", mountPath: "/var/run/secrets/istio" },
            { name: "istio-data", mountPath: "/var/lib/istio/data" },
            { name: "istio-envoy", mountPath: "/etc/istio/proxy" },
            { name: "istio-token", mountPath: "/var/run/secrets/tokens" },
            { name: "istio-podinfo", mountPath: "/etc/istio/pod" },
        ],
    };
}

export function gatewayVolumes(): object[] {
    const token = { serviceAccountToken: { audience: "istio-ca", expirationSeconds: 43_200, path: "istio-token" } };
    const fields = ["labels", "annotations"].map((path) => ({ path, fieldRef: { fieldPath: `metadata.${path}` } }));
    return [
        { name: "workload-socket", emptyDir: {} },
        { name: "credential-socket", emptyDir: {} },
        { name: "workload-certs", emptyDir: {} },
        { name: "istio-envoy", emptyDir: { medium: "Memory" } },
        { name: "istio-data", emptyDir: {} },
        { name: "istio-podinfo", downwardAPI: { items: fields } },
        { name: "istio-token", projected: { sources: [token] } },
        { name: "istiod-ca-cert", configMap: { name: "istio-ca-root-cert" } },
    ];
}
