import { loadConfig } from "../../../config/load";
import { readStackFile } from "../../../config/stack-file";
import { isStatus, type KubeObject, type Ref } from "../../../kube";
import type { Check } from "../../../verify/check";
import { type Environment, environmentOf } from "../../../verify/environment";
import type { Ways } from "../../../verify/requests/run";
import { verify } from "../../../verify/verify";
import { FakeKube } from "../cluster/fake-kube";

/** The scenario's environment when it is up, as a cluster in memory holds it: as much of it as verify reads. */

export const OWN = "istio-system";
export const MEMBER = "microsvc-sample";

export const OUTPUTS = {
    routeHosts: {
        sample: "sample.apps.example.com",
        caller: "caller.apps.example.com",
        kiali: "kiali-istio-system.apps.example.com",
    },
    urls: {},
    controlPlane: { name: "basic-install", namespace: OWN, generation: "1.1", version: "v1.1", mtls: "strict" },
    operators: { "kiali-ossm": "kiali-operator.v1.12.15", servicemeshoperator: "servicemeshoperator.v1.1.7" },
    members: [MEMBER],
    services: {
        sample: { namespace: MEMBER, host: `sample.${MEMBER}.svc.cluster.local`, port: 8080 },
        caller: { namespace: MEMBER, host: `caller.${MEMBER}.svc.cluster.local`, port: 8080 },
    },
};

export function devConfig(overrides: Record<string, string> = {}) {
    return loadConfig({ ...readStackFile("Pulumi.dev.yaml"), ...overrides });
}

export function devEnvironment(outputs: object = OUTPUTS): Environment {
    return environmentOf(devConfig(), outputs as Record<string, unknown>);
}

export const csv = (name: string): KubeObject => ({
    apiVersion: "operators.coreos.com/v1alpha1",
    kind: "ClusterServiceVersion",
    metadata: { name, namespace: "openshift-operators" },
    status: { phase: "Succeeded", reason: "InstallSucceeded" },
});

export const namespace = (name: string, labels = {}): KubeObject => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels },
});

function controlPlane(): KubeObject {
    const True = (type: string) => ({ type, status: "True", reason: "InstallSuccessful", message: "" });
    return {
        apiVersion: "maistra.io/v1",
        kind: "ServiceMeshControlPlane",
        metadata: { name: "basic-install", namespace: OWN, generation: 1 },
        spec: { version: "v1.1", istio: { global: { mtls: { enabled: true } } } },
        status: { observedGeneration: 1, conditions: [True("Ready"), True("Reconciled"), True("Installed")] },
    };
}

function roll(): KubeObject {
    return {
        apiVersion: "maistra.io/v1",
        kind: "ServiceMeshMemberRoll",
        metadata: { name: "default", namespace: OWN, generation: 1 },
        spec: { members: [MEMBER] },
        status: { configuredMembers: [MEMBER] },
    };
}

export function deployment(name: string, where: string, pods: object): KubeObject {
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: {
            name,
            namespace: where,
            generation: 1,
            annotations: { "deployment.kubernetes.io/revision": "1" },
        },
        spec: { replicas: 1, selector: { matchLabels: { app: name } }, template: pods },
        status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
    };
}

export function service(name: string): KubeObject[] {
    const labels = { app: name, "pod-template-hash": "1" };
    const annotations = { "sidecar.istio.io/inject": "true" };
    const owner = { apiVersion: "apps/v1", kind: "Deployment", name, uid: name };
    return [
        deployment(name, MEMBER, {
            metadata: { labels: { app: name }, annotations },
            spec: { serviceAccountName: name, containers: [{ name: "spring-boot" }] },
        }),
        {
            apiVersion: "apps/v1",
            kind: "ReplicaSet",
            metadata: {
                name: `${name}-1`,
                namespace: MEMBER,
                labels,
                annotations: { "deployment.kubernetes.io/revision": "1" },
                ownerReferences: [owner],
            },
        },
        {
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name: `${name}-1-x`, namespace: MEMBER, labels, annotations },
            spec: { containers: [{ name: "spring-boot" }, { name: "istio-proxy" }] },
            status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
        },
    ];
}

export function route(name: string, where: string, host: string, to: string, more: object = {}): KubeObject {
    return {
        apiVersion: "route.openshift.io/v1",
        kind: "Route",
        metadata: { name, namespace: where, ...more },
        spec: { host, to: { kind: "Service", name: to } },
        status: { ingress: [{ host, conditions: [{ type: "Admitted", status: "True" }] }] },
    };
}

function madeByMesh(name: string): KubeObject {
    const labels = {
        "maistra.io/generated-by": "ior",
        "maistra.io/gateway-name": "sample-gateway",
        "maistra.io/gateway-namespace": MEMBER,
    };
    const host = `${name}.apps.example.com`;
    return route(`${MEMBER}-sample-gateway-${name}`, OWN, host, "istio-ingressgateway", { labels });
}

const EXPOSE = { "maistra.io/expose-route": "true" };

export function listener(name: string): KubeObject[] {
    const labels = { ...EXPOSE, eventlistener: name };
    return [
        {
            apiVersion: "triggers.tekton.dev/v1alpha1",
            kind: "EventListener",
            metadata: { name, namespace: MEMBER, labels: EXPOSE },
        },
        deployment(`el-${name}`, MEMBER, {
            metadata: { labels },
            spec: { containers: [{ name: "event-listener" }] },
        }),
        {
            apiVersion: "v1",
            kind: "Service",
            metadata: { name: `el-${name}`, namespace: MEMBER, labels },
            spec: { selector: { eventlistener: name } },
        },
        route(`el-${name}`, MEMBER, `el-${name}-${MEMBER}.apps.example.com`, `el-${name}`),
    ];
}

export function policy(name: string, spec: object, where = MEMBER): KubeObject {
    return {
        apiVersion: "security.istio.io/v1beta1",
        kind: "AuthorizationPolicy",
        metadata: { name, namespace: where },
        spec,
    };
}

export const TO_SAMPLE = policy("to-sample", {
    selector: { matchLabels: { app: "sample" } },
    rules: [{ from: [{ source: { namespaces: [MEMBER] } }], to: [] }],
});

export function meshPolicy(mtls: object | undefined): KubeObject {
    return {
        apiVersion: "authentication.maistra.io/v1",
        kind: "ServiceMeshPolicy",
        metadata: { name: "default", namespace: OWN },
        spec: { peers: mtls === undefined ? [] : [{ mtls }] },
    };
}

export const SENDING: KubeObject = {
    apiVersion: "networking.istio.io/v1alpha3",
    kind: "DestinationRule",
    metadata: { name: "default", namespace: OWN },
    spec: { host: "*.local", trafficPolicy: { tls: { mode: "ISTIO_MUTUAL" } } },
};

const CONSOLES = ["kiali", "grafana", "jaeger", "prometheus", "istio-ingressgateway"];

export class Scenario extends FakeKube {
    constructor() {
        super();
        const account = "istio-ingressgateway-service-account";
        const gateway = { metadata: { labels: { istio: "ingressgateway" } }, spec: { serviceAccountName: account } };
        [
            csv("kiali-operator.v1.12.15"),
            csv("servicemeshoperator.v1.1.7"),
            namespace(OWN),
            namespace(MEMBER, { "maistra.io/member-of": OWN }),
            controlPlane(),
            deployment("istio-ingressgateway", OWN, gateway),
            roll(),
            ...["sample", "caller"].flatMap((name) => [...service(name), madeByMesh(name), ...listener(name)]),
            ...CONSOLES.map((name) => route(name, OWN, `${name}-${OWN}.apps.example.com`, name)),
            meshPolicy({}),
            SENDING,
            TO_SAMPLE,
        ].forEach((object) => this.put(object));
    }

    /** What has been deleted, in order. */
    readonly deleted: Ref[] = [];

    /** Changes one object in place. */
    async change(ref: Ref, change: (object: any) => void): Promise<void> {
        const object = structuredClone(await this.get(ref));
        change(object);
        this.put(object as KubeObject);
    }

    async delete(ref: Ref): Promise<boolean> {
        try {
            this.before("delete", ref);
        } catch (error) {
            if (isStatus(error, 404)) {
                return false;
            }
            throw error;
        }
        this.deleted.push(ref);
        this.remove(ref);
        return true;
    }
}

/** What verify says of it; nothing is asked unless it is said how. */
export function verified(
    kube: FakeKube,
    ways: Partial<Ways> = { none: "not here" },
    outputs: object = OUTPUTS,
): Promise<Check[]> {
    return verify({
        kube: kube.kube,
        config: devConfig(),
        outputs: outputs as Record<string, unknown>,
        ways: { patienceMs: 0, signal: new AbortController().signal, ...ways },
    });
}
