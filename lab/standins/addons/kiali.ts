import type { KubeObject } from "../../../kube";
import { type Condition, dated } from "./conditions";
import type { AddonOperator } from "./operator";
import { account, route, service, workload } from "./parts";

const OPERATOR = { namespace: "openshift-operators", deployment: "kiali-operator" };
const FINALIZER = "kiali.io/finalizer";
const PORT = 20001;

/**
 * Kiali's operator: of each Kiali a Deployment, a Service and a Route of the name that deployment.instance_name says,
 * which is "kiali" by default (kiali/kiali-operator, roles/default/kiali-deploy). With Service Mesh 1.1 (`of11`) its
 * Route names no port, and it puts no finalizer on, by which later a Kiali does not go without its operator.
 */
export function kialiOperator(of11: boolean): AddonOperator {
    return {
        ...OPERATOR,
        kind: { apiVersion: "kiali.io/v1alpha1", kind: "Kiali" },
        ...(of11 ? {} : { finalizer: FINALIZER }),
        objects: (resource) => kialiObjects(resource, of11 ? undefined : PORT),
        status: (resource, ready) => ({
            ...ansibleStatus(resource, ready),
            deployment: { instanceName: instanceOf(resource), namespace: resource.metadata.namespace },
        }),
    };
}

/** The plug-in of OpenShift's console, which Kiali's operator looks after too (roles/default/ossmconsole-deploy). */
export function consoleOperator(): AddonOperator {
    return {
        ...OPERATOR,
        kind: { apiVersion: "kiali.io/v1alpha1", kind: "OSSMConsole" },
        finalizer: FINALIZER,
        objects: consoleObjects,
        status: ansibleStatus,
    };
}

function kialiObjects(resource: KubeObject, port: number | undefined): KubeObject[] {
    const { spec } = resource;
    const name = instanceOf(resource);
    const account_ = `${name}-service-account`;
    const version = spec?.version ?? "default";
    const pods = { app: "kiali", "app.kubernetes.io/name": "kiali", "app.kubernetes.io/instance": name };
    const labels = { ...pods, version, "app.kubernetes.io/version": version, "app.kubernetes.io/part-of": "kiali" };
    const image = `registry.redhat.io/openshift-service-mesh/kiali-rhel9:${version}`;
    const exposed = spec?.deployment?.ingress?.enabled ?? spec?.deployment?.ingress_enabled ?? true;
    const tls = { termination: "reencrypt", insecureEdgeTerminationPolicy: "Redirect" };
    return [
        account(account_, labels),
        workload({ name, labels, pods, account: account_, image, replicas: spec?.deployment?.replicas }),
        service(name, labels, pods, [["tcp", PORT, PORT]]),
        ...(exposed ? [route(name, labels, name, { tls, port })] : []),
    ];
}

function consoleObjects({ spec, metadata }: KubeObject): KubeObject[] {
    const name = "ossmconsole";
    const pods = { app: name, "app.kubernetes.io/name": name, "app.kubernetes.io/instance": name };
    const image = `registry.redhat.io/openshift-service-mesh/kiali-ossmc-rhel9:${spec?.version ?? "default"}`;
    const namespace = spec?.deployment?.namespace || metadata.namespace;
    return [
        workload({ name, labels: pods, pods, account: "default", image }),
        service(name, pods, pods, [["nginx", 9443, 9443]]),
        {
            apiVersion: "console.openshift.io/v1",
            kind: "ConsolePlugin",
            metadata: { name, labels: pods },
            spec: {
                displayName: "OpenShift Service Mesh Console",
                backend: { type: "Service", service: { name, namespace, port: 9443, basePath: "/" } },
            },
        },
    ];
}

function instanceOf({ spec }: KubeObject): string {
    return spec?.deployment?.instance_name ?? "kiali";
}

/** The conditions of an operator that is written in Ansible: done, or at it. */
function ansibleStatus({ status }: KubeObject, ready: boolean): object {
    const done: Condition[] = [
        { type: "Running", status: "True", reason: "Successful", message: "Awaiting next reconciliation" },
        { type: "Successful", status: "True", reason: "Successful", message: "Last reconciliation succeeded" },
        { type: "Failure", status: "False", reason: "", message: "" },
    ];
    const running: Condition[] = [
        { type: "Running", status: "True", reason: "Running", message: "Running reconciliation" },
        { type: "Successful", status: "False", reason: "", message: "" },
        { type: "Failure", status: "False", reason: "", message: "" },
    ];
    return { conditions: dated(status?.conditions, ready ? done : running) };
}
