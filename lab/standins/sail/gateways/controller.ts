import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { isStatus, type KubeObject, refOf } from "../../../../kube";
import { listenersOf } from "../../../gateway-api/listeners";
import { BUILT_IN_CLASSES, GATEWAY_CLASS, isIstios, isManaged, MANAGED_LABEL } from "../../../gateway-api/names";
import { type Attachment, attachmentsOf } from "../../../gateway-api/parents";
import { splitKey, WorkQueue } from "../../maistra/common/queue";
import { patiently } from "../../maistra/common/write";
import type { StandInContext } from "../../types";
import { all } from "../host";
import { writeStatus } from "../objects";
import { type Cluster, madeObject, watchCluster } from "./cluster";
import { withVerdicts } from "./conditions";
import { gatewayStatus } from "./gateway-status";
import { type Istiod, istiods, isOf } from "./istiods";
import { FIELD_MANAGER, gatewayObjects } from "./objects";
import { overlaysOf, withOverlays } from "./overlays";
import { routeStatus } from "./route-status";

/** Changes that come together are taken together. */
const TOGETHER_MS = 20;

/**
 * The part of istiods that is for the Gateway API (istio/istio, pilot/pkg/config/kube/gateway): classes, what each
 * Gateway of class istio needs, and statuses. Which istiod does what is decided anew at each look; where none does,
 * everything stays as it is. A GatewayClass stays also when all istiods have gone.
 */
export class GatewayController {
    private readonly cluster: Cluster;
    private readonly gateways: WorkQueue;
    private readonly routes: WorkQueue;
    private readonly classes: WorkQueue;
    /** What was made last, with what it became: to see when that is not so any more. */
    private readonly applied = new Map<string, { wanted: KubeObject; found: unknown }>();
    private readonly said = new Map<string, string>();
    private pending = false;

    constructor(private readonly context: StandInContext) {
        this.gateways = new WorkQueue(context, "Gateway", (key) => this.lookAtGateway(key));
        this.routes = new WorkQueue(context, "HTTPRoute", (key) => this.lookAtRoute(key));
        this.classes = new WorkQueue(context, "GatewayClass", (name) => this.lookAtClass(splitKey(name).name));
        this.cluster = watchCluster(context, () => this.changed());
    }

    private changed(): void {
        if (!this.pending) {
            this.pending = true;
            void sleep(TOGETHER_MS, undefined, { signal: this.context.signal }).then(
                () => {
                    this.pending = false;
                    [...this.cluster.gateways.objects.keys()].forEach((key) => this.gateways.add(key));
                    [...this.cluster.routes.objects.keys()].forEach((key) => this.routes.add(key));
                    BUILT_IN_CLASSES.forEach(({ name }) => this.classes.add(`/${name}`));
                    [...this.cluster.classes.objects.keys()].forEach((key) => this.classes.add(key));
                },
                () => undefined,
            );
        }
    }

    private async lookAtClass(name: string): Promise<void> {
        const { kube } = this.context;
        if (istiods(this.cluster).length === 0) {
            return;
        }
        const present = this.cluster.classes.objects.get(`/${name}`);
        const builtIn = BUILT_IN_CLASSES.find((each) => each.name === name);
        if (present === undefined && builtIn !== undefined) {
            const { controllerName, description } = builtIn;
            const made = { ...GATEWAY_CLASS, metadata: { name }, spec: { controllerName, description } };
            await kube.create(made).catch((error: unknown) => {
                // The watch has not shown it yet.
                if (!isStatus(error, 409)) {
                    throw error;
                }
            });
        } else if (BUILT_IN_CLASSES.some((each) => each.controllerName === present?.spec.controllerName)) {
            const accepted = { reason: "Accepted", message: "Handled by Istio controller" };
            const { metadata, status } = present!;
            const conditions = withVerdicts(status?.conditions, metadata.generation, { Accepted: accepted });
            await writeStatus(kube, present!, { ...status, conditions });
        }
    }

    private async lookAtGateway(key: string): Promise<void> {
        const gateway = this.cluster.gateways.objects.get(key);
        const istiod = gateway && this.istiodOf(gateway);
        if (gateway === undefined || istiod === undefined || gateway.metadata.deletionTimestamp) {
            return;
        }
        if (isManaged(gateway)) {
            await this.make(gateway, istiod);
        }
        const attached = this.knownRoutes(istiod)
            .flatMap((route) => attachmentsOf(route, listenersOf(gateway, istiod.namespaces)))
            .filter(({ denied }) => denied === undefined);
        await writeStatus(this.context.kube, gateway, gatewayStatus(this.cluster, istiod, gateway, attached));
    }

    private async lookAtRoute(key: string): Promise<void> {
        const route = this.cluster.routes.objects.get(key);
        const istiod = route && istiods(this.cluster).find((each) => isOf(each, route));
        if (route === undefined || istiod === undefined || route.metadata.deletionTimestamp) {
            return;
        }
        const isService = (namespace: string, name: string): boolean =>
            this.cluster.services.objects.has(`${namespace}/${name}`);
        await writeStatus(this.context.kube, route, routeStatus(route, this.attachments(route, istiod), isService));
    }

    private attachments(route: KubeObject, istiod: Istiod): Attachment[] {
        const own = all(this.cluster.gateways).filter((gateway) => this.isIstios(gateway) && isOf(istiod, gateway));
        return attachmentsOf(
            route,
            own.flatMap((gateway) => listenersOf(gateway, istiod.namespaces)),
        );
    }

    private knownRoutes({ namespaces }: Istiod): KubeObject[] {
        const known = new Set(namespaces.map(({ metadata }) => metadata.name));
        return all(this.cluster.routes).filter(({ metadata }) => known.has(metadata.namespace ?? ""));
    }

    /** Undefined as well for a Gateway of somebody else's class. */
    private istiodOf(gateway: KubeObject): Istiod | undefined {
        return this.isIstios(gateway) ? istiods(this.cluster).find((each) => isOf(each, gateway)) : undefined;
    }

    private isIstios(gateway: KubeObject): boolean {
        return isIstios(gateway, all(this.cluster.classes));
    }

    /** Errors: the API server's refusal. What the ConfigMaps say wrongly is logged, and nothing is made. */
    private async make(gateway: KubeObject, istiod: Istiod): Promise<void> {
        const key = `${gateway.metadata.namespace}/${gateway.metadata.name}`;
        let objects: KubeObject[];
        try {
            const overlays = overlaysOf(this.cluster, istiod, gateway) as Record<string, string>[];
            objects = gatewayObjects(gateway, istiod).flatMap((object) => withOverlays(object, overlays) ?? []);
            this.said.delete(key);
        } catch (error) {
            const line = `Gateway ${key}: error rendering templates: ${(error as Error).message}`;
            if (this.said.get(key) !== line) {
                this.said.set(key, line);
                this.context.log(line);
            }
            return;
        }
        for (const object of objects) {
            await this.apply(object);
        }
    }

    private async apply(object: KubeObject): Promise<void> {
        const { kube } = this.context;
        const ref = refOf(object);
        const id = `${ref.kind} ${ref.namespace}/${ref.name}`;
        const last = this.applied.get(id);
        const isSame = (present: KubeObject | undefined): boolean =>
            present !== undefined && isDeepStrictEqual(last?.found, partsOf(present));
        if (isDeepStrictEqual(last?.wanted, object) && isSame(madeObject(this.cluster, object))) {
            return;
        }
        const present = await kube.get(ref);
        if (present !== undefined && present.metadata.labels?.[MANAGED_LABEL.key] === undefined) {
            // Somebody else's of the same name stays as it is.
            return;
        }
        try {
            const written = await patiently(() => kube.apply(object, { fieldManager: FIELD_MANAGER, force: true }));
            this.applied.set(id, { wanted: object, found: partsOf(written) });
        } catch (error) {
            // Its namespace goes.
            if (!isStatus(error, 403) && !isStatus(error, 404)) {
                throw error;
            }
        }
    }
}

/** What istiod cares about of what is there: all but what others tell of it. */
function partsOf({ metadata, spec }: KubeObject): unknown {
    const { uid, labels, annotations, ownerReferences } = metadata;
    const { "deployment.kubernetes.io/revision": _, ...own } = annotations ?? {};
    return { uid, labels, annotations: own, ownerReferences, spec };
}
