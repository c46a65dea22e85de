import { deepEqual, equal, ok } from "node:assert/strict";
import { type Kube, type KubeObject, refOf } from "../../kube";
import { installCrds, kialiCrds, opentelemetryCrds, tempoCrds } from "../../lab/crds";
import { namespace, removeNamespaces, until } from "./sail/operator";
import { withLab } from "./with-lab";

const HOME = "addons-mesh";
const OPERATORS = [
    ["openshift-operators", "kiali-operator"],
    ["openshift-tempo-operator", "tempo-operator-controller"],
    ["openshift-opentelemetry-operator", "opentelemetry-operator-controller-manager"],
];
const ROUTE = { apiVersion: "route.openshift.io/v1", kind: "Route", namespace: HOME };

describe("operators of consoles and tracing, as Service Mesh 3 uses them", function () {
    this.timeout(60_000);
    const lab = withLab({ openshift: "4.18" });
    let kube: Kube;

    before(async () => {
        ({ kube } = lab());
        await installCrds(kube, [...(await kialiCrds()), ...(await tempoCrds()), ...(await opentelemetryCrds())]);
        await kube.create(namespace(HOME));
        for (const [within, name] of OPERATORS) {
            if (within !== "openshift-operators") {
                await kube.create(namespace(within));
            }
            await kube.create(operatorDeployment(within, name));
        }
    });

    after(async () => {
        await removeNamespaces(kube, [HOME]);
        for (const [within, name] of OPERATORS) {
            await kube.delete(refOf(operatorDeployment(within, name)), { propagationPolicy: "Background" });
        }
        await removeNamespaces(
            kube,
            OPERATORS.slice(1).map(([within]) => within),
        );
    });

    function resource(apiVersion: string, kind: string, name: string, spec: object): KubeObject {
        return { apiVersion, kind, metadata: { name, namespace: HOME }, spec };
    }

    const says = async (object: KubeObject, type: string, status = "True") => {
        const conditions: any[] = (await kube.get(refOf(object)))?.status?.conditions ?? [];
        return conditions.find((condition) => condition.type === type && condition.status === status);
    };
    const isGone = (object: KubeObject) => async () => (await kube.get(refOf(object))) === undefined;
    const host = async (name: string) => (await kube.get({ ...ROUTE, name }))?.spec.host;

    it("Kiali: everything is named as deployment.instance_name says", async () => {
        const spec = { deployment: { instance_name: "kiali-v3" }, auth: { strategy: "openshift" } };
        const kiali = resource("kiali.io/v1alpha1", "Kiali", "any", spec);
        await kube.create(kiali);
        await until("success", async () => (await says(kiali, "Successful")) !== undefined);
        equal((await says(kiali, "Successful")).message, "Last reconciliation succeeded");
        const route = await kube.get({ ...ROUTE, name: "kiali-v3" });
        deepEqual(route?.spec.tls, { termination: "reencrypt", insecureEdgeTerminationPolicy: "Redirect" });
        equal(route?.spec.host, `kiali-v3-${HOME}.apps.example.com`);
        const account = { apiVersion: "v1", kind: "ServiceAccount", namespace: HOME, name: "kiali-v3-service-account" };
        ok(await kube.get(account));
        equal((await kube.get(refOf(kiali)))?.status.deployment.instanceName, "kiali-v3");
        await kube.delete(refOf(kiali));
        await until("it to go", isGone(kiali));
        equal(await kube.get({ ...ROUTE, name: "kiali-v3" }), undefined);
    });

    it("OSSMConsole: a plug-in of OpenShift's console", async () => {
        const console = resource("kiali.io/v1alpha1", "OSSMConsole", "ossmconsole", {});
        await kube.create(console);
        await until("success", async () => (await says(console, "Successful")) !== undefined);
        const plugin = { apiVersion: "console.openshift.io/v1", kind: "ConsolePlugin", name: "ossmconsole" };
        equal((await kube.get(plugin))?.spec.backend.service.namespace, HOME);
        await kube.delete(refOf(console));
        await until("it to go", isGone(console));
        equal(await kube.get(plugin), undefined);
    });

    it("TempoMonolithic: Ready when its pod is, with the Jaeger UI's Route if that is asked for", async () => {
        const jaegerui = { enabled: true, route: { enabled: true } };
        const spec = { storage: { traces: { backend: "memory" } }, jaegerui };
        const tempo = resource("tempo.grafana.com/v1alpha1", "TempoMonolithic", "traces", spec);
        await kube.create(tempo);
        await until("Ready", async () => (await says(tempo, "Ready")) !== undefined);
        ok(await host("tempo-traces-jaegerui"));
        const service = await kube.get({ apiVersion: "v1", kind: "Service", namespace: HOME, name: "tempo-traces" });
        ok(service?.spec.ports.some(({ port }: { port: number }) => port === 4317));
        const bad = resource("tempo.grafana.com/v1alpha1", "TempoMonolithic", "bad", {
            storage: { traces: { backend: "nosuch" } },
        });
        await kube.create(bad).then(
            () => ok(false, "accepted"),
            (error: Error) => ok(error.message.includes("Unsupported value"), error.message),
        );
    });

    it("TempoStack: without its storage's Secret a ConfigurationError, which heals", async () => {
        const spec = {
            storage: { secret: { name: "object-storage", type: "s3" } },
            template: { queryFrontend: { jaegerQuery: { enabled: true, ingress: { type: "route" } } } },
        };
        const tempo = resource("tempo.grafana.com/v1alpha1", "TempoStack", "stack", spec);
        await kube.create(tempo);
        await until("the error", async () => (await says(tempo, "ConfigurationError")) !== undefined);
        ok((await says(tempo, "ConfigurationError")).message.includes('Secret "object-storage" not found'));
        const metadata = { name: "object-storage", namespace: HOME };
        await kube.create({ apiVersion: "v1", kind: "Secret", metadata, stringData: { bucket: "traces" } });
        await until("Ready", async () => (await says(tempo, "Ready")) !== undefined);
        ok(await host("tempo-stack-query-frontend"));
        ok(await says(tempo, "ConfigurationError", "False"));
    });

    it("OpenTelemetryCollector: a Service with its receivers' ports; without the operator it does not go", async () => {
        const config = {
            receivers: { otlp: { protocols: { grpc: { endpoint: "0.0.0.0:4317" }, http: {} } } },
            exporters: { "otlp/tempo": { endpoint: "tempo-traces:4317" } },
            service: { pipelines: { traces: { receivers: ["otlp"], exporters: ["otlp/tempo"] } } },
        };
        const collector = resource("opentelemetry.io/v1beta1", "OpenTelemetryCollector", "otel", { config });
        await kube.create(collector);
        const scale = async () => (await kube.get(refOf(collector)))?.status?.scale?.statusReplicas;
        await until("its pod", async () => (await scale()) === "1/1");
        const service = { apiVersion: "v1", kind: "Service", namespace: HOME, name: "otel-collector" };
        const ports = (await kube.get(service))?.spec.ports.map(({ name, port }: any) => [name, port]);
        deepEqual(ports, [
            ["otlp-grpc", 4317],
            ["otlp-http", 4318],
        ]);
        const [, , [within, name]] = OPERATORS;
        const operator = operatorDeployment(within, name);
        await kube.delete(refOf(operator), { propagationPolicy: "Background" });
        const pods = () => kube.list({ apiVersion: "v1", kind: "Pod" }, { namespace: within });
        await until("its operator to stop", async () => (await pods()).length === 0);
        await kube.delete(refOf(collector));
        ok((await kube.get(refOf(collector)))?.metadata.deletionTimestamp);
        await kube.create(operator);
        await until("it to go", isGone(collector));
    });
});

function operatorDeployment(within: string, name: string): KubeObject {
    const labels = { name };
    const containers = [{ name: "manager", image: `registry.example.com/${name}` }];
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name, namespace: within },
        spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
    };
}
