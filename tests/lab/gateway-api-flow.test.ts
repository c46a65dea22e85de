import { equal, match } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Kube, type KubeObject, refOf } from "../../kube";
import { down, type Lab, up } from "../../lab";
import { Authority } from "../../lab/control-plane/certificates";
import { GATEWAY, HTTP_ROUTE } from "../../lab/gateway-api/names";
import { type Answer, apply } from "./flow/ask";
import {
    allowed,
    apps,
    backend,
    DISCOVERED,
    gateway,
    http,
    httpRoute,
    https,
    INGRESS,
    MADE,
    ROOT,
    strict,
} from "./flow/gateway-api";
import { APP, HOSTS, POD } from "./flow/objects";
import { cni, deployOperator, ISTIO, istio, namespace, until } from "./sail/operator";
import { skip } from "../skip";
import { eventually } from "./wait";

const NAME = `gateway-api-flow-${process.pid}`;
const OPENSHIFT_ROUTE = { apiVersion: "route.openshift.io/v1", kind: "Route", namespace: INGRESS, name: "sample" };
const CALLER = `cluster.local/ns/${APP}/sa/caller`;

describe("Data plane: requests flow through a Gateway of the Gateway API", function () {
    this.timeout(90_000);
    let lab: Lab;
    let kube: Kube;

    before(async function () {
        // The first start on a machine may build the control plane.
        this.timeout(20 * 60_000);
        const seed = { gatewayApi: true, scenario: false };
        const settings = { openshift: "4.18", timeScale: 0.05, seed, sail: { flicker: "none" } } as const;
        lab = await up({ name: NAME, settings, endsWith: process.pid });
        if (lab.router === undefined) {
            skip(this, `there is no data plane: ${lab.noRouter}`);
        }
        kube = Kube.load({ kubeconfig: lab.kubeconfig });
        await deployOperator(kube);
        const values = { meshConfig: { discoverySelectors: [{ matchLabels: DISCOVERED }] } };
        await create(
            namespace(ROOT, DISCOVERED),
            namespace("istio-cni"),
            namespace(INGRESS, DISCOVERED),
            namespace(APP, { ...DISCOVERED, "istio-injection": "enabled" }),
            cni(),
            istio({ namespace: ROOT, version: "v1.27.9", values }),
        );
        await until("the control plane", async () => (await kube.get(ISTIO))?.status?.state === "Healthy");
        await create(gateway(), ...apps(), httpRoute("sample"), httpRoute("caller"));
    });

    after(() => down(NAME));

    const create = async (...objects: KubeObject[]): Promise<void> => {
        for (const object of objects) {
            await kube.create(object);
        }
    };
    const through = (service: keyof typeof HOSTS) => apply(service, { url: lab.router!, host: HOSTS[service] });
    const answers = (what: string, ask: () => Promise<Answer>, status: number) =>
        eventually(
            what,
            async () => {
                const answer = await ask();
                return answer.status === status ? answer : undefined;
            },
            45,
        );
    const rules = (name: keyof typeof HOSTS, own: object[]) =>
        kube.mergePatch(refOf(httpRoute(name)), { spec: { rules: own } });

    it("201 from both hosts, by the services' own programs behind their sidecars", async () => {
        equal((await answers("201 from sample", () => through("sample"), 201)).server, "istio-envoy");
        equal((await answers("201 from caller", () => through("caller"), 201)).server, "istio-envoy");
        const [pod] = await kube.list(POD, { namespace: INGRESS });
        equal(pod.spec.serviceAccountName, MADE);
    });

    it("the gateway has an identity of its own: reset without mTLS, 403 unless it is named", async () => {
        await create(strict(), allowed(CALLER));
        const straight = () => apply("sample", { url: `http://${lab.serviceAddress(APP, "sample")}:8080` });
        await eventually("a reset", async () => (await straight()).broken === "ECONNRESET" || undefined, 45);
        await answers("403 from sample", () => through("sample"), 403);
        await kube.mergePatch(refOf(allowed()), {
            spec: allowed(CALLER, `cluster.local/ns/${INGRESS}/sa/${MADE}`).spec,
        });
        await answers("201 from sample", () => through("sample"), 201);
        equal((await through("caller")).status, 201);
    });

    it("paths by whole segments, the longest first; a backend that is not there answers 500", async () => {
        const at = (value: string) => [{ path: { type: "PathPrefix", value } }];
        await rules("sample", [
            { matches: at("/api/sam"), backendRefs: [backend("caller")] },
            { matches: at("/api"), backendRefs: [backend("nobody")] },
            { matches: at("/api/sample/"), backendRefs: [backend("sample")] },
        ]);
        await answers("201 by the longest prefix", () => through("sample"), 201);
        await rules("sample", [
            { matches: at("/api/sam"), backendRefs: [backend("caller")] },
            { matches: at("/api"), backendRefs: [backend("nobody")] },
        ]);
        await answers("500 for want of a backend", () => through("sample"), 500);
        const resolved = async () => {
            const { parents } = (await kube.get(refOf(httpRoute("sample"))))!.status;
            return parents[0].conditions.find(({ type }: { type: string }) => type === "ResolvedRefs");
        };
        await until("a verdict", async () => (await resolved()).reason === "BackendNotFound");
        await rules("sample", [{ matches: at("/elsewhere"), backendRefs: [backend("sample")] }]);
        await answers("404 where nothing is routed", () => through("sample"), 404);
        await rules("sample", [{ backendRefs: [backend("sample")] }]);
        await answers("201 again", () => through("sample"), 201);
    });

    it("what is not modelled is said in the log, and the route is left out", async () => {
        const filters = [{ type: "RequestMirror", requestMirror: { backendRef: backend("caller") } }];
        await rules("caller", [{ filters, backendRefs: [backend("caller")] }]);
        await answers("404 from caller", () => through("caller"), 404);
        const log = (): string => readFileSync(`${lab.home}/logs/daemon.log`, "utf8");
        match(log(), /HTTPRoute flow-app\/caller: spec\.rules\[0\]\.filters\[0\]/);
        await rules("caller", [{ backendRefs: [backend("caller")] }]);
        await answers("201 from caller", () => through("caller"), 201);
    });

    it("reencrypt: the router's TLS ends at a listener with a certificate of its own", async () => {
        const authority = await Authority.create("the gateway's");
        const { cert, key } = await authority.issue(HOSTS.sample, [HOSTS.sample]);
        const tls = { apiVersion: "v1", kind: "Secret", metadata: { name: "sample-tls", namespace: INGRESS } };
        await kube.mergePatch(refOf(gateway()), { spec: gateway([http(), https("sample-tls")]).spec });
        await until("a verdict on the certificate", async () => {
            const { listeners } = (await kube.get({ ...GATEWAY, namespace: INGRESS, name: "istio-ingressgateway" }))!
                .status;
            const { conditions = [] } = listeners.find(({ name }: { name: string }) => name === "https") ?? {};
            return conditions.some(({ reason }: { reason: string }) => reason === "InvalidCertificateRef");
        });
        await create({ ...tls, type: "kubernetes.io/tls", stringData: { "tls.crt": cert, "tls.key": key } });
        const spec = {
            port: { targetPort: "https" },
            tls: { termination: "reencrypt", destinationCACertificate: authority.cert },
        };
        await kube.mergePatch(OPENSHIFT_ROUTE, { spec });
        const ca = readFileSync(lab.routerCa!, "utf8");
        await answers("201", () => apply("sample", { url: lab.routerTls!, host: HOSTS.sample, ca }), 201);
        await kube.mergePatch(OPENSHIFT_ROUTE, { spec: { port: { targetPort: "http" }, tls: null } });
        await answers("201 in plain text again", () => through("sample"), 201);
    });

    it("without its HTTPRoute a host is answered 404, without the Gateway by the router's own page", async () => {
        await kube.delete({ ...HTTP_ROUTE, namespace: APP, name: "caller" });
        await answers("404", () => through("caller"), 404);
        equal((await through("sample")).status, 201);
        await kube.delete(refOf(gateway()));
        match((await answers("503", () => through("sample"), 503)).body, /Application is not available/);
    });
});
