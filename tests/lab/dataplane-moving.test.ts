import { deepEqual, equal } from "node:assert/strict";
import { Kube, type KubeObject, refOf } from "../../kube";
import { down, type Lab, up } from "../../lab";
import { installCrds, istioCrdsOf3 } from "../../lab/crds";
import { type Answer, apply } from "./flow/ask";
import { APP, HOSTS, mesh, MESH, onlyFromInside, POD, scenario } from "./flow/objects";
import { CONTROL_PLANE, discovered, first, INGRESS, injectedBy, kinds, NEXT, nextRoute, second } from "./flow/second";
import { skip } from "../skip";
import { eventually } from "./wait";

const NAME = `moving-${process.pid}`;
const DEPLOYMENT = { apiVersion: "apps/v1", kind: "Deployment" };
const ROUTE = { apiVersion: "route.openshift.io/v1", kind: "Route" };
const GATEWAY = "istio-ingressgateway";
const PATIENCE_S = 60;

describe("Data plane: nothing is lost while pods roll and move to another control plane", function () {
    this.timeout(3 * PATIENCE_S * 1_000);
    let lab: Lab;
    let kube: Kube;

    before(async function () {
        // The first start on a machine may build the control plane.
        this.timeout(20 * 60_000);
        lab = await up({ name: NAME, settings: { timeScale: 0.05 }, endsWith: process.pid });
        if (lab.router === undefined) {
            skip(this, `there is no data plane: ${lab.noRouter}`);
        }
        kube = Kube.load({ kubeconfig: lab.kubeconfig });
        await installCrds(kube, [...(await istioCrdsOf3()), ...kinds()]);
        await create([...mesh(), ...first(), ...scenario()]);
        await eventually("the first answer", answered, PATIENCE_S);
    });

    after(() => down(NAME));

    const create = async (objects: KubeObject[]): Promise<void> => {
        for (const object of objects) {
            await kube.create(object);
        }
    };
    const through = (service: "sample" | "caller" = "caller") =>
        apply(service, { url: lab.router!, host: HOSTS[service] });
    const answered = async () => ((await through()).status === 201 ? true : undefined);

    /** Everything that is asked while something changes, and some time before and after, is answered. */
    async function undisturbed(change: () => Promise<unknown>): Promise<void> {
        const all: Answer[] = [];
        let over = false;
        const client = async (): Promise<void> => {
            while (!over) {
                all.push(await through());
            }
        };
        const load = Promise.all(Array.from({ length: 4 }, client));
        const more = async (): Promise<void> => {
            const before = all.length;
            await eventually("more answers", async () => all.length > before + 20 || undefined, PATIENCE_S);
        };
        try {
            await more();
            await change();
            await more();
        } finally {
            over = true;
            await load;
        }
        const lost = all.filter(({ status }) => status !== 201);
        deepEqual(lost.slice(0, 3), [], `${lost.length} of ${all.length} requests are lost`);
    }

    const podsOf = (namespace: string, app: string) => kube.list(POD, { namespace, labelSelector: `app=${app}` });

    /** Changes the pods of a Deployment; resolves when all its old ones are gone and a new one is ready. */
    async function roll(namespace: string, name: string, annotations: Record<string, string>): Promise<void> {
        const old = new Set((await podsOf(namespace, name)).map(({ metadata }) => metadata.uid));
        const template = { metadata: { annotations: { "rolled-at": `${Date.now()}`, ...annotations } } };
        await kube.mergePatch({ ...DEPLOYMENT, namespace, name }, { spec: { template } });
        const isOver = async () => {
            const now = await podsOf(namespace, name);
            return (now.length > 0 && now.every((pod) => !old.has(pod.metadata.uid) && isReady(pod))) || undefined;
        };
        await eventually(`${name} to roll`, isOver, PATIENCE_S);
    }

    const admitted = async (namespace: string, name: string) => {
        const route = await kube.get({ ...ROUTE, namespace, name });
        const [ingress] = route?.status?.ingress ?? [];
        const condition = ingress?.host === route?.spec.host ? ingress?.conditions?.[0] : undefined;
        return condition && `${condition.status} ${condition.reason ?? ""}`.trim();
    };
    const becomes = (namespace: string, name: string, wanted: string) =>
        eventually(
            `Route ${namespace}/${name} to be ${wanted}`,
            async () => (await admitted(namespace, name)) === wanted || undefined,
            PATIENCE_S,
        );

    for (const [name, namespace] of [
        ["sample", APP],
        ["caller", APP],
        [GATEWAY, MESH],
    ]) {
        it(`${name}, one replica, rolls`, () => undisturbed(() => roll(namespace, name, {})));
    }

    it("a second control plane with a gateway of its own comes, and changes nothing", async () => {
        await undisturbed(async () => {
            for (const name of [APP, MESH]) {
                await kube.mergePatch({ apiVersion: "v1", kind: "Namespace", name }, discovered());
            }
            await create(second());
            const ready = async () => (await podsOf(INGRESS, GATEWAY)).some(isReady) || undefined;
            await eventually("its gateway", ready, PATIENCE_S);
        });
    });

    for (const name of ["sample", "caller"]) {
        it(`${name} moves to it: its new pod is of the other injector`, async () => {
            await undisturbed(() => roll(APP, name, injectedBy(NEXT)));
        });
    }

    it("a host goes from one Route to the next: to one of another namespace, when the older one is deleted", async () => {
        await create([nextRoute("caller")]);
        await becomes(INGRESS, "caller", "False HostAlreadyClaimed");
        await undisturbed(async () => {
            await kube.delete({ ...ROUTE, namespace: MESH, name: "caller" });
            await becomes(INGRESS, "caller", "True");
        });
    });

    it("... and back, when that one takes another host", async () => {
        await create([{ ...nextRoute("caller"), metadata: { name: "again", namespace: MESH } }]);
        await becomes(MESH, "again", "False HostAlreadyClaimed");
        await undisturbed(async () => {
            const spec = { host: "elsewhere.apps.example.com" };
            await kube.mergePatch({ ...ROUTE, namespace: INGRESS, name: "caller" }, { spec });
            await becomes(MESH, "again", "True");
        });
        const [moved] = await kube.list(ROUTE, { namespace: INGRESS });
        await kube.mergePatch(refOf(moved), { spec: { host: HOSTS.caller } });
        await becomes(INGRESS, "caller", "True");
        await kube.delete({ ...ROUTE, namespace: MESH, name: "again" });
    });

    it("the second gateway rolls", () => undisturbed(() => roll(INGRESS, GATEWAY, {})));

    it("the first control plane goes; the second one's policies hold, and mTLS stays strict", async () => {
        await undisturbed(async () => {
            await kube.delete({ ...CONTROL_PLANE, namespace: MESH, name: "basic" });
            await kube.delete({ ...DEPLOYMENT, namespace: MESH, name: GATEWAY });
            const labels = { "maistra.io/member-of": null };
            await kube.mergePatch({ apiVersion: "v1", kind: "Namespace", name: APP }, { metadata: { labels } });
            const isGone = async () => (await podsOf(MESH, GATEWAY)).length === 0 || undefined;
            await eventually("its gateway to go", isGone, PATIENCE_S);
        });
        equal(
            (await apply("sample", { url: `http://${lab.serviceAddress(APP, "sample")}:8080` })).broken,
            "ECONNRESET",
        );
        await kube.delete({ ...ROUTE, namespace: MESH, name: "sample" });
        await create([nextRoute("sample"), onlyFromInside()]);
        const denied = async () => ((await through("sample")).status === 403 ? true : undefined);
        await eventually("sample to be denied to the gateway", denied, PATIENCE_S);
        equal((await through()).status, 201);
    });
});

function isReady({ metadata, status }: KubeObject): boolean {
    const ready = status?.conditions?.some((c: any) => c.type === "Ready" && c.status === "True");
    return ready && metadata.deletionTimestamp === undefined;
}
