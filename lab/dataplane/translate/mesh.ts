import type { KubeObject } from "../../../kube";
import { peerScope, type PeerRule, readMeshPolicy, readPeerAuthentication, readPolicy } from "./kinds/authentication";
import { type AuthorizationPolicy, readAuthorizationPolicy, stops } from "./kinds/authorization-policy";
import { type DestinationRule, readDestinationRule } from "./kinds/destination-rule";
import { type Gateway, readGateway } from "./kinds/gateway";
import { readVirtualService, refuseSecondClaims, type VirtualService } from "./kinds/virtual-service";
import { refuseMissingCredentials } from "./credentials";
import { readGatewayApi } from "./gateway-api";
import { fullHost, serviceHost } from "./hosts";
import { DENIED, isGuard, Refusals } from "./refuse";
import { hasLabels, labelsOfUnread, policyScope, type Scope, selectorScope } from "./scope";
import { type MeshService, readService } from "./services";
import type { MeshView, Workload } from "./view";

/** The objects of the mesh as they were understood; lists of one kind are in the order of age, oldest first. */
export interface Mesh {
    root: string;
    autoMtls: boolean;
    retriesOn503: boolean;
    services: MeshService[];
    workloads: Workload[];
    gateways: Gateway[];
    virtualServices: VirtualService[];
    destinationRules: DestinationRule[];
    peerRules: PeerRule[];
    policies: AuthorizationPolicy[];
    secrets: KubeObject[];
    network: NonNullable<MeshView["network"]>;
    /** Objects that stop requests and could not be read: they stop all of them. */
    blocks: Block[];
    refusals: Refusals;
}

export interface Block {
    object: KubeObject;
    scope: Scope;
}

type Read<T> = (object: KubeObject, refusals: Refusals) => T | undefined;
type ScopeOf = (namespace: string, labels: Record<string, string>) => Scope;

const read = new WeakMap<MeshView, Mesh>();

/** Reads what the API server holds, once a view. Nothing throws: what cannot be read is in the refusals. */
export function readMesh(view: MeshView): Mesh {
    const mesh = read.get(view) ?? readView(view);
    read.set(view, mesh);
    return mesh;
}

function readView(view: MeshView): Mesh {
    const root = view.controlPlane.namespace;
    const reader = new Reader(view.namespaces);
    const asPolicy: ScopeOf = (namespace, labels) => policyScope(namespace, labels, root);
    const asPeerRule: ScopeOf = (namespace, labels) => peerScope(namespace, labels, root);
    const wholeMesh: ScopeOf = () => ({ of: "mesh" });

    const peerRules = [
        ...reader.guards(view.peerAuthentications, (each, r) => readPeerAuthentication(each, root, r), asPeerRule),
        ...reader.guards(view.policies, readPolicy, selectorScope),
        // Elsewhere than in the control plane's namespace it means nothing.
        ...reader.guards(
            view.meshPolicies.filter(({ metadata }) => metadata.namespace === root),
            readMeshPolicy,
            wholeMesh,
        ),
    ];
    const policies = reader.guards(
        view.authorizationPolicies,
        (each, refusals) => readAuthorizationPolicy(each, root, refusals),
        asPolicy,
    );
    const others = view.others ?? [];
    reader.all(
        others.filter((each) => !isGuard(each)),
        notModelled("left out"),
    );
    // Those without a selector in the control plane's namespace mean the whole mesh, as policies do.
    reader.guards(others.filter(isGuard), notModelled(DENIED), asPolicy);
    const api = readGatewayApi(view, (objects) => reader.ours(objects), reader.refusals);
    const virtualServices = [...reader.all(view.virtualServices, readVirtualService), ...api.virtualServices];
    refuseSecondClaims(virtualServices, reader.refusals);
    const mesh: Mesh = {
        root,
        autoMtls: view.controlPlane.autoMtls === true,
        retriesOn503: view.controlPlane.retriesOn503 === true,
        // The control plane's own services have ports of all kinds, which nobody here calls; gateways' are for TLS.
        services: reader.all(view.services, (each, refusals) =>
            readService(each, each.metadata.namespace === root || isForGateway(each, view) ? undefined : refusals),
        ),
        workloads: view.workloads.filter(({ namespace }) => reader.isOurs(namespace)),
        gateways: [...reader.all(view.gateways, readGateway), ...api.gateways],
        virtualServices,
        destinationRules: reader.all(view.destinationRules, (each, refusals) =>
            readDestinationRule(each, isForControlPlane(each, root) ? new Refusals() : refusals),
        ),
        peerRules,
        policies,
        blocks: reader.blocks,
        secrets: view.secrets ?? [],
        network: view.network ?? { policies: [], namespaceLabels: {} },
        refusals: reader.refusals,
    };
    refuseMissingCredentials(mesh);
    return mesh;
}

/** Reads the objects of the mesh's namespaces. */
class Reader {
    readonly refusals = new Refusals();
    readonly blocks: Block[] = [];

    constructor(private readonly namespaces: string[]) {}

    isOurs(namespace: string | undefined): boolean {
        return namespace !== undefined && this.namespaces.includes(namespace);
    }

    all<T>(objects: KubeObject[], read: Read<T>): T[] {
        return this.ours(objects).flatMap((object) => read(object, this.refusals) ?? []);
    }

    /** Objects that stop requests: one that cannot be read stops all to whom it means. */
    guards<T>(objects: KubeObject[], read: Read<T>, scopeOf: ScopeOf): T[] {
        return this.ours(objects).flatMap((object) => {
            const found = read(object, this.refusals);
            if (found === undefined && stops(object)) {
                this.blocks.push({ object, scope: scopeOf(object.metadata.namespace ?? "", labelsOfUnread(object)) });
            }
            return found ?? [];
        });
    }

    /** Those of the mesh's namespaces, the oldest first. */
    ours(objects: KubeObject[]): KubeObject[] {
        return objects.filter(({ metadata }) => this.isOurs(metadata.namespace)).sort(byAge);
    }
}

/** A rule for one of the control plane's own services, as its charts make them; proxies of the mesh do not call it. */
function isForControlPlane({ metadata: { namespace = "" }, spec }: KubeObject, root: string): boolean {
    const host = typeof spec?.host === "string" ? fullHost(spec.host, namespace) : "";
    return namespace === root && !host.startsWith("*") && host.endsWith(serviceHost("", root));
}

/** By its pods; while there are none, by the port at which only proxies tell how they are. */
function isForGateway({ metadata: { namespace }, spec }: KubeObject, { workloads }: MeshView): boolean {
    const pods = workloads.filter((each) => each.namespace === namespace && hasLabels(each, spec?.selector ?? {}));
    const ports: { port: number }[] = spec?.ports ?? [];
    return pods.length === 0 ? ports.some(({ port }) => port === STATUS_PORT) : pods.every(({ gateway }) => gateway);
}

const STATUS_PORT = 15_021;

function notModelled(effect: "left out" | typeof DENIED): Read<never> {
    return (object, refusals) => {
        refusals.add(object, "kind", "is not modelled here", effect);
        return undefined;
    };
}

/** Istio lets the older of two objects win, and goes by name among equals. */
function byAge(a: KubeObject, b: KubeObject): number {
    const key = ({ metadata }: KubeObject): string =>
        `${metadata.creationTimestamp ?? ""} ${metadata.name} ${metadata.namespace ?? ""}`;
    return key(a) < key(b) ? -1 : Number(key(a) > key(b));
}
