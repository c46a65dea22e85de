import { isStatus, type KubeObject } from "../../../kube";
import type { StandInContext } from "../types";
import { type Admission, admissions, generatedHost } from "./admission";

const ROUTE = { apiVersion: "route.openshift.io/v1", kind: "Route" };
const SETTINGS_CHECK_MS = 200;

/** OpenShift's router as far as the API shows it: gives Routes their hosts, and admits them or says why not. */
export async function standIn(context: StandInContext): Promise<void> {
    const router = new Router(context);
    await new Promise<void>((resolve) => {
        context.kube.watch(ROUTE, {
            signal: context.signal,
            onEvent: (type, route) => (type === "DELETED" ? router.forget(route) : router.see(route)),
            onSynced: resolve,
            // Before the CRD is there the first list fails; nobody has Routes then.
            onError: () => resolve(),
        });
    });
    router.followSettings();
}

class Router {
    private readonly routes = new Map<string, KubeObject>();
    private readonly busy = new Set<string>();

    constructor(private readonly context: StandInContext) {}

    see(route: KubeObject): void {
        this.routes.set(route.metadata.uid!, route);
        this.admitAll();
    }

    forget(route: KubeObject): void {
        this.routes.delete(route.metadata.uid!);
        this.admitAll();
    }

    /** A router that was off admits all that has come meanwhile. */
    followSettings(): void {
        let wasRunning = this.context.settings().router.running;
        const timer = setInterval(() => {
            const { running } = this.context.settings().router;
            if (running && !wasRunning) {
                this.admitAll();
            }
            wasRunning = running;
        }, SETTINGS_CHECK_MS);
        this.context.signal.addEventListener("abort", () => clearInterval(timer));
    }

    private admitAll(): void {
        const verdicts = admissions([...this.routes.values()]);
        for (const [uid, route] of this.routes) {
            if (!route.spec.host || !isWritten(route, verdicts.get(uid)!)) {
                void this.work(uid);
            }
        }
    }

    /** One at a time for a Route; what is decided is what is true when the delay is over. */
    private async work(uid: string): Promise<void> {
        if (this.busy.has(uid) || !this.context.settings().router.running) {
            return;
        }
        this.busy.add(uid);
        try {
            await this.giveHost(uid);
            // One that was turned down for an older Route has long been read when that goes.
            if (!isJudged(this.routes.get(uid))) {
                await this.context.delay(this.context.settings().router.admitDelay);
            }
            await this.admit(uid);
        } catch (error) {
            if (!isStatus(error, 404) && (error as Error).name !== "AbortError") {
                this.context.log(`route ${this.routes.get(uid)?.metadata.name}: ${(error as Error).message}`);
            }
        } finally {
            this.busy.delete(uid);
        }
    }

    private async giveHost(uid: string): Promise<void> {
        const route = this.routes.get(uid);
        if (!route || route.spec.host) {
            return;
        }
        const host = generatedHost(route, this.context.settings().router.domain);
        const changed = await this.context.kube.mergePatch(refOf(route), {
            metadata: { annotations: { "openshift.io/host.generated": "true" } },
            spec: { host, wildcardPolicy: route.spec.wildcardPolicy ?? "None" },
        });
        this.routes.set(uid, changed);
    }

    private async admit(uid: string): Promise<void> {
        const route = this.routes.get(uid);
        const verdict = admissions([...this.routes.values()]).get(uid);
        if (!route || !verdict || isWritten(route, verdict)) {
            return;
        }
        const { admitted, reason, message } = verdict;
        const ingress = {
            host: route.spec.host,
            routerName: "default",
            routerCanonicalHostname: this.context.settings().router.domain,
            wildcardPolicy: route.spec.wildcardPolicy ?? "None",
            conditions: [
                {
                    type: "Admitted",
                    status: admitted ? "True" : "False",
                    lastTransitionTime: `${new Date().toISOString().slice(0, 19)}Z`,
                    ...(admitted ? {} : { reason, message }),
                },
            ],
        };
        const changed = await this.context.kube.mergePatchStatus(refOf(route), { status: { ingress: [ingress] } });
        if (this.routes.has(uid)) {
            this.routes.set(uid, changed);
        }
    }
}

/** Whether the router has said anything yet about the host that the Route has now. */
function isJudged(route: KubeObject | undefined): boolean {
    const ingress = route?.status?.ingress?.[0];
    return ingress !== undefined && ingress.host === route?.spec.host;
}

/** Whether the Route's status says this already, of the host that it has now. */
function isWritten(route: KubeObject, { admitted, message }: Admission): boolean {
    const ingress = route.status?.ingress?.[0];
    const condition = ingress?.conditions?.find((c: { type: string }) => c.type === "Admitted");
    const status = admitted ? "True" : "False";
    return ingress?.host === route.spec.host && condition?.status === status && condition?.message === message;
}

function refOf(route: KubeObject): { apiVersion: string; kind: string; namespace?: string; name: string } {
    return { ...ROUTE, namespace: route.metadata.namespace, name: route.metadata.name };
}
