import type { KubeObject } from "../../../kube";
import type { AddonOperator } from "./operator";
import { account, type Labels, route, service, workload } from "./parts";

/** Jaeger's operator, as Service Mesh 1.1 and 2 have it. */
export function jaegerOperator(): AddonOperator {
    return {
        namespace: "openshift-operators",
        deployment: "jaeger-operator",
        kind: { apiVersion: "jaegertracing.io/v1", kind: "Jaeger" },
        objects: jaegerObjects,
    };
}

export function jaegerObjects({ metadata, spec }: KubeObject): KubeObject[] {
    const { name } = metadata;
    const part = (component: string, own = `${name}-${component}`): Labels => ({
        app: "jaeger",
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/managed-by": "jaeger-operator",
        "app.kubernetes.io/name": own,
        "app.kubernetes.io/part-of": "jaeger",
    });
    const run = (own: string, pods: Labels, program: string) =>
        workload({
            name: own,
            labels: pods,
            pods,
            account: name,
            image: `registry.redhat.io/distributed-tracing/${program}-rhel7:1.17.4`,
        });
    const allInOne = spec?.strategy !== "production";
    const whole = part("all-in-one", name);
    const query = allInOne ? whole : part("query");
    const collector = allInOne ? whole : part("collector");
    const workloads = allInOne
        ? [run(name, whole, "jaeger-all-in-one")]
        : [run(`${name}-collector`, collector, "jaeger-collector"), run(`${name}-query`, query, "jaeger-query")];
    const exposed = spec?.ingress?.enabled !== false;
    const tls = { termination: "reencrypt" };
    return [
        account(name, part("service-account")),
        ...workloads,
        service(`${name}-collector`, part("service-collector"), collector, [["zipkin", 9411, 9411]]),
        service(`${name}-query`, part("service-query"), query, [["https-query", 443, 8443]]),
        ...(exposed ? [route(name, part("query-route"), `${name}-query`, { tls })] : []),
    ];
}
