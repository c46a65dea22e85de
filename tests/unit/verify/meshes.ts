import { effective } from "../../../config/next";
import { type Dialect, dialects, type Piece } from "../../../dialects";
import type { MeshConfig } from "../../../config/schema";
import type { KubeObject } from "../../../kube";
import { accessSpec, denySpec, identities } from "../../../specs/access";
import { routeName, routeSpec } from "../../../specs/route";
import { configOf as readConfig } from "../../../scripts/acts";
import type { Check } from "../../../verify/check";
import { environmentOf } from "../../../verify/environment";
import { readCluster } from "../../../verify/reads";
import { planRequests } from "../../../verify/requests/plan";
import { verify } from "../../../verify/verify";
import { isApiGateway, madeFor, programmed, takenIn } from "./api-gateways";
import { csv, deployment, listener, MEMBER, namespace, route, Scenario, service } from "./scenario";

/** Environments of later generations when they are up, as a cluster in memory holds them: as much as verify reads. */

const DOMAIN = "apps.example.com";
const True = (type: string) => ({ type, status: "True", reason: "Successful", message: "" });

export function configOf(stack: string, overrides: Record<string, string> = {}): MeshConfig {
    return readConfig(`Pulumi.${stack}.yaml`, overrides);
}

export function outputsOf(config: MeshConfig): Record<string, unknown> {
    const { now } = effective(config);
    const { name, namespace: at, mtls } = now.controlPlane;
    const hosts = ["sample", "caller"].map((s) => [s, `${s}.${DOMAIN}`]);
    const version = dialects[now.generation].version(now);
    const operators = sidesOf(config).flatMap(({ dialect, config: c }) => dialect.operators(c));
    return {
        routeHosts: Object.fromEntries(hosts),
        urls: {},
        controlPlane: { name, namespace: at, generation: now.generation, version, mtls },
        operators: Object.fromEntries(operators.map((o) => [o.package, `${o.csvPrefix}v9.9.9`])),
        members: [MEMBER],
        services: {},
    };
}

interface Side {
    dialect: Dialect;
    config: MeshConfig;
    /** The one namespace's pods are its. */
    isHome: boolean;
    /** There is another mesh, which is being left or gone to. */
    isMoving: boolean;
}

function sidesOf(config: MeshConfig): Side[] {
    const { now, next, moved } = effective(config);
    return [now, ...(next ? [next] : [])].map((c) => ({
        dialect: dialects[c.generation],
        config: c,
        isHome: next === undefined || moved.has(MEMBER) === (c === next),
        isMoving: next !== undefined,
    }));
}

/** Everything that its dialects want, and everything that their operators make of it, all of it healthy. */
export class MeshCluster extends Scenario {
    constructor(config: MeshConfig) {
        super();
        this.clear();
        const sides = sidesOf(config);
        const gateways = identities(sides.map((side) => side.dialect.gateway(side.config)));
        const at = sides.find((side) => side.isHome) ?? sides[0];
        [
            ...sides.flatMap((side, i) => meshOf(side, i === 0)),
            namespace(MEMBER, Object.assign({}, ...sides.map(memberLabels))),
            ...["sample", "caller"].flatMap((name) => [
                ...service(name),
                ...listener(name),
                // An API server serves every version of what is stored; this one only the one that verify reads.
                ...access(name, { ...at, dialect: sides[0].dialect }, gateways),
                ...own(name, at),
            ]),
        ].forEach((object) => this.put(object));
    }
}

/** @param first the consoles of a stack are those of the mesh that it has */
function meshOf({ dialect, config, isHome }: Side, first: boolean): KubeObject[] {
    const member = { namespace: MEMBER, withoutSidecar: ["el-sample", "el-caller"] };
    const pieces = [
        ...dialect.controlPlane(config),
        ...dialect.gatewayPieces(config),
        ...(first ? dialect.consolePieces(config) : []),
        ...(isHome ? dialect.memberPieces(config, member) : []),
    ];
    return [
        ...dialect.operators(config).map((o) => csv(`${o.csvPrefix}v9.9.9`)),
        ...dialect.homes(config).map((home) => namespace(home.name, home.labels)),
        ...pieces.flatMap((piece) => madeOf(piece, config)),
        ...(dialect.generation === "3" ? [] : byOperator(config)),
        ...(first
            ? Object.values(dialect.consoleRoutes(config)).map((r) =>
                  route(r.name, r.namespace, `${r.name}.${DOMAIN}`, r.name),
              )
            : []),
    ];
}

function memberLabels({ dialect, config, isHome, isMoving }: Side): Record<string, string> {
    const labels = dialect.memberLabels(config);
    if (config.membership !== "labels" || labels === undefined) {
        return { "maistra.io/member-of": config.controlPlane.namespace };
    }
    return { ...labels.known, ...(isHome ? labels.injected : {}), ...(isHome && isMoving ? labels.leaving : {}) };
}

function madeOf({ apiVersion, kind, metadata, body }: Piece, config: MeshConfig): KubeObject[] {
    const object: KubeObject = { apiVersion, kind, metadata: { ...metadata, generation: 1 }, ...structuredClone(body) };
    const conditions = ["Reconciled", "Ready", "DependenciesHealthy"].map(True);
    if (isApiGateway(object)) {
        return [programmed(object), ...workload(madeFor(object))];
    }
    const { name, namespace: at = "" } = metadata;
    const healthy = { observedGeneration: 1, state: "Healthy", conditions, activeRevisionName: name };
    switch (kind) {
        case "ServiceMeshControlPlane":
            return [{ ...object, status: healthy }];
        case "Istio": {
            const spec = { ...object.spec, values: { revision: name === "default" ? "" : name } };
            const revision = { ...object, kind: "IstioRevision", spec, status: healthy };
            const called = name === "default" ? "istiod" : `istiod-${name}`;
            const istiod = deployment(called, config.controlPlane.namespace, {});
            return [{ ...object, status: healthy }, revision, istiod];
        }
        case "IstioCNI":
            return [{ ...object, status: healthy }, nodes()];
        case "IstioRevisionTag":
            return [{ ...object, status: { ...healthy, istioRevision: config.controlPlane.name } }];
        case "Kiali":
        case "OSSMConsole": {
            const status = { conditions: [True("Successful"), True("Running")] };
            return [{ ...object, status }, deployment(name, at, {})];
        }
        case "TempoMonolithic":
        case "TempoStack":
            return [{ ...object, status: { conditions: [True("Ready")] } }];
        case "OpenTelemetryCollector":
            return [object, deployment(`${name}-collector`, at, {})];
        case "Deployment":
            return workload(object);
        default:
            return [object];
    }
}

function nodes(): KubeObject {
    return {
        apiVersion: "apps/v1",
        kind: "DaemonSet",
        metadata: { name: "istio-cni-node", namespace: "istio-cni", generation: 1 },
        status: { observedGeneration: 1, desiredNumberScheduled: 3, updatedNumberScheduled: 3 },
    };
}

/** The gateway: injected, and rolled out. */
function workload(object: KubeObject): KubeObject[] {
    const { name, namespace: at } = object.metadata;
    const labels = { ...object.spec.template.metadata.labels, "pod-template-hash": "1" };
    const annotations = { ...object.metadata.annotations, "deployment.kubernetes.io/revision": "1" };
    const ownerReferences = [{ apiVersion: "apps/v1", kind: "Deployment", name, uid: name }];
    const pod = (n: number): KubeObject => ({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: `${name}-${n}`, namespace: at, labels },
        spec: { containers: [{ name: "istio-proxy", image: "proxyv2" }] },
        status: { phase: "Running", conditions: [True("Ready")] },
    });
    const status = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
    return [
        { ...object, metadata: { ...object.metadata, annotations }, spec: { ...object.spec, replicas: 2 }, status },
        {
            apiVersion: "apps/v1",
            kind: "ReplicaSet",
            metadata: { name: `${name}-1`, namespace: at, labels, annotations, ownerReferences },
        },
        pod(1),
        pod(2),
    ];
}

/** What operator 2.x makes for a control plane (recorded: maistra25 M1b, M3a). */
function byOperator({ controlPlane: { namespace: at, mtls } }: MeshConfig): KubeObject[] {
    const gateway = { metadata: {}, spec: { serviceAccountName: "istio-ingressgateway-service-account" } };
    const mode = mtls === "strict" ? "STRICT" : "PERMISSIVE";
    return [
        {
            apiVersion: "maistra.io/v1",
            kind: "ServiceMeshMemberRoll",
            metadata: { name: "default", namespace: at, generation: 1 },
            spec: { members: [MEMBER] },
            status: { configuredMembers: [MEMBER], meshReconciledVersion: "2.6.8-1" },
        },
        deployment("istio-ingressgateway", at, gateway),
        {
            apiVersion: "security.istio.io/v1beta1",
            kind: "PeerAuthentication",
            metadata: { name: "default", namespace: at },
            spec: { mtls: { mode } },
        },
    ];
}

function access(name: string, { dialect, config }: Side, gateways: string[]): KubeObject[] {
    const { allow, deny } = config.namespaces[MEMBER].services[name];
    const policy = (called: string, spec: object | undefined): KubeObject[] =>
        spec === undefined
            ? []
            : [
                  {
                      apiVersion: dialect.apis.security,
                      kind: "AuthorizationPolicy",
                      metadata: { name: called, namespace: MEMBER },
                      spec,
                  },
              ];
    return [
        ...policy(`to-${name}`, accessSpec(name, MEMBER, allow, gateways)),
        ...policy(`deny-to-${name}`, denySpec(name, MEMBER, deny, gateways)),
    ];
}

function own(name: string, { dialect, config }: Side): KubeObject[] {
    const entry = dialect.gateway(config);
    const { port, tls } = config.namespaces[MEMBER].services[name];
    const host = `${name}.${DOMAIN}`;
    const made = route(routeName(MEMBER, name), entry.namespace, host, entry.service);
    const service = { name, host, port, tls };
    return [
        { ...made, spec: routeSpec(service, entry) },
        ...(entry.parent === undefined ? [] : [takenIn(service, MEMBER, entry)]),
    ];
}

/** What verify says of it. Nothing is asked. */
export function said(kube: MeshCluster, config: MeshConfig): Promise<Check[]> {
    const ways = { none: "not here", patienceMs: 0, signal: new AbortController().signal };
    return verify({ kube: kube.kube, config, outputs: outputsOf(config), ways });
}

/** What must come of each request, by who asks, how, and whom. */
export async function planOf(stack: string, overrides = {}, spoil: (kube: MeshCluster) => unknown = () => undefined) {
    const config = configOf(stack, overrides);
    const kube = new MeshCluster(config);
    await spoil(kube);
    const env = environmentOf(config, outputsOf(config));
    const planned = planRequests(env, await readCluster(kube.kube, env));
    return Object.fromEntries(planned.map((p) => [`${p.from} ${p.scheme} ${p.service.name}`, p.expectation.is]));
}

/** The scenario as it is configured. */
export const STRICT = {
    "gateway http sample": "denied",
    "gateway http caller": "answer",
    "plain http sample": "reset",
    "plain http caller": "reset",
};
