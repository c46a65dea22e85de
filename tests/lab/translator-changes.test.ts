import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { MeshView, Workload } from "../../lab/dataplane/translate";
import { gateway, object, service, to, virtualService } from "../unit/dataplane/objects";
import { counted, Load } from "./translator/load";
import { type Handler, Playground } from "./translator/playground";

const HOST = "sample.apps.example.com";
const SAMPLE = "sample.shop.svc.cluster.local";

const program: Handler = (_, response) => response.writeHead(201).end("ok");

describe("translator: changes under constant load", function () {
    this.timeout(60_000);

    let playground: Playground;
    let ingress: Workload;
    let sample: Workload;
    let load: Load;

    before(async () => {
        playground = await Playground.open();
        ingress = await playground.pod({
            namespace: "istio-system",
            pod: "gateway",
            labels: { app: "istio-ingressgateway", istio: "ingressgateway" },
            sidecar: false,
            gateway: true,
        });
        sample = await playground.pod({ namespace: "shop", pod: "sample" }, program);
        await playground.pod({ namespace: "shop", pod: "other", ports: [9090] }, program);
        await playground.apply({
            services: [
                service("shop", "sample"),
                service("shop", "other", [{ name: "http", port: 9090 }]),
                service("istio-system", "istio-ingressgateway", [{ name: "http2", port: 80, targetPort: 8080 }]),
            ],
            gateways: [gateway("g", [HOST])],
            virtualServices: [routeTo(SAMPLE, 8080)],
            ...mtls("STRICT"),
        });
    });

    after(() => playground?.close());

    beforeEach(() => {
        load = new Load({ address: ingress.address, host: HOST });
    });

    afterEach(() => load.stop());

    /** Every request was let through: those during the changes, and some after them. */
    async function lostNothing(): Promise<void> {
        const changed = load.samples.length;
        await load.until((samples) => samples.length >= changed + 50);
        const samples = await load.stop();
        assert.deepEqual(Object.keys(counted(samples)), ["201"], JSON.stringify(counted(samples)));
    }

    it("a policy holds wholly from one request on, and nothing is lost before and after", async () => {
        await load.until(({ length }) => length >= 10);
        for (const open of [false, true, false, true, false, true]) {
            const [expected, before] = open ? ["201", "403"] : ["403", "201"];
            const began = performance.now();
            await playground.apply({ authorizationPolicies: open ? [] : [allowing("office")] });
            const sinceThen = () => load.samples.filter(({ sent }) => sent >= began);
            await load.until(() => sinceThen().filter(({ outcome }) => outcome === expected).length > 20);
            const since = sinceThen();
            const [first] = since.filter((each) => each.outcome === expected).sort((a, b) => a.answered - b.answered);
            // From the first request on that met the new policy all meet it, also those of other connections.
            const wrong = since.filter(({ sent, outcome }) => sent > first.answered && outcome !== expected);
            assert.deepEqual(wrong, []);
            assert.ok(since.every(({ outcome }) => outcome === expected || outcome === before));
        }
        const all = await load.stop();
        assert.deepEqual(Object.keys(counted(all)).sort(), ["201", "403"]);
    });

    it("a policy that changes without changing what is allowed loses nothing", async () => {
        for (let n = 0; n < 10; n++) {
            await playground.apply({ authorizationPolicies: [allowing("istio-system", `office-${n}`)] });
        }
        await playground.apply({ authorizationPolicies: [] });
        await lostNothing();
    });

    it("routes change to a service that is new, and back while it goes away", async () => {
        const { services } = playground.now;
        const added = service("shop", "new", [{ name: "http", port: 7070, targetPort: 9090 }]);
        added.spec.selector = { app: "other" };
        for (let n = 0; n < 5; n++) {
            await playground.apply({
                services: [...services, added],
                virtualServices: [routeTo("new.shop.svc.cluster.local", 7070)],
            });
            await sleep(20);
            await playground.apply({ services, virtualServices: [routeTo(SAMPLE, 8080)] });
        }
        // Until the clusters of before are gone as well.
        await sleep(1_200);
        await lostNothing();
    });

    it("a pod more, and one less", async () => {
        const { workloads } = playground.now;
        const second = await playground.pod(
            { namespace: "shop", pod: "sample-2", labels: { app: "sample" }, serviceAccount: "sample" },
            program,
        );
        await playground.apply({});
        await sleep(100);
        await playground.apply({
            workloads: workloads.filter(({ pod }) => pod !== sample.pod && pod !== second.pod).concat(second),
        });
        await sleep(100);
        await playground.apply({ workloads: [...workloads, second] });
        await lostNothing();
    });

    for (const [title, modes] of [
        ["mTLS is turned off and on again, by way of permissive", ["PERMISSIVE", "DISABLE", "PERMISSIVE"]],
        ["mTLS is turned off and on again in one step", ["DISABLE", "STRICT", "DISABLE"]],
    ] as const) {
        it(`${title}: nothing is lost, and the ports stay open`, async () => {
            for (const mode of modes) {
                await playground.apply(mtls(mode));
                await sleep(100);
            }
            await playground.apply(mtls("STRICT"));
            assert.ok((await playground.counter(sample, "listener_manager.listener_in_place_updated")) > 0);
            await lostNothing();
        });
    }
});

function routeTo(host: string, port: number) {
    return virtualService("v", { hosts: [HOST], gateways: ["g"], http: [{ route: [to(host, port)] }] });
}

function allowing(...namespaces: string[]) {
    return object("AuthorizationPolicy", "shop", "to-sample", { rules: [{ from: [{ source: { namespaces } }] }] });
}

/** Callers follow what the called ones want: in PERMISSIVE they speak plain text. */
function mtls(mode: "STRICT" | "PERMISSIVE" | "DISABLE"): Partial<MeshView> {
    const peers = { STRICT: [{ mtls: {} }], PERMISSIVE: [{ mtls: { mode: "PERMISSIVE" } }], DISABLE: [] }[mode];
    const tls = { mode: mode === "STRICT" ? "ISTIO_MUTUAL" : "DISABLE" };
    return {
        meshPolicies: [object("ServiceMeshPolicy", "istio-system", "default", { peers })],
        destinationRules: [
            object("DestinationRule", "istio-system", "default", { host: "*.local", trafficPolicy: { tls } }),
        ],
    };
}
