import { equal, match } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Kube, type KubeObject } from "../../kube";
import { down, type Lab, up } from "../../lab";
import { Authority } from "../../lab/control-plane/certificates";
import { installCrds, istioCrds } from "../../lab/crds";
import { type Answer, apply } from "./flow/ask";
import { APP, HOSTS, mesh, MESH, scenario } from "./flow/objects";
import { skip } from "../skip";
import { eventually } from "./wait";

const NAME = `tls-${process.pid}`;
const HOST = HOSTS.sample;
const ROUTE = { apiVersion: "route.openshift.io/v1", kind: "Route", namespace: MESH, name: "sample" };
const GATEWAY = { apiVersion: "networking.istio.io/v1alpha3", kind: "Gateway", namespace: APP, name: "flow" };

describe("Data plane: TLS by the Route and at the gateway", function () {
    this.timeout(120_000);
    let lab: Lab;
    let kube: Kube;
    let authority: Authority;

    before(async function () {
        // The first start on a machine may build the control plane.
        this.timeout(20 * 60_000);
        lab = await up({ name: NAME, settings: { timeScale: 0.05 }, endsWith: process.pid });
        if (lab.router === undefined) {
            skip(this, `there is no data plane: ${lab.noRouter}`);
        }
        kube = Kube.load({ kubeconfig: lab.kubeconfig });
        await installCrds(kube, await istioCrds());
        authority = await Authority.create("the gateway's");
        for (const object of [...mesh(), ...scenario()]) {
            await kube.create(object);
        }
        await answers("the first answer", inPlain, 201);
    });

    after(() => down(NAME));

    const inPlain = () => apply("sample", { url: lab.router!, host: HOST });
    const trusting = (ca: string) => () => apply("sample", { url: lab.routerTls!, host: HOST, ca });
    const routers = () => trusting(readFileSync(lab.routerCa!, "utf8"))();
    const gateways = () => trusting(authority.cert)();
    const answers = (what: string, ask: () => Promise<Answer>, status: number) =>
        eventually(
            what,
            async () => {
                const answer = await ask();
                return answer.status === status ? answer : undefined;
            },
            60,
        );
    const route = (tls: object, targetPort: string) => kube.mergePatch(ROUTE, { spec: { tls, port: { targetPort } } });
    const openAt443 = (hosts: string[]) =>
        kube.jsonPatch(GATEWAY, [
            {
                op: "add",
                path: "/spec/servers/1",
                value: {
                    port: { number: 443, name: "https", protocol: "HTTPS" },
                    hosts,
                    tls: { mode: "SIMPLE", credentialName: "sample-tls" },
                },
            },
        ]);

    it("edge: TLS ends at the router, and plain text goes where the Route says", async () => {
        await route({ termination: "edge", insecureEdgeTerminationPolicy: "Redirect" }, "http2");
        equal((await answers("201 with the router's certificate", routers, 201)).server, "istio-envoy");
        equal((await inPlain()).status, 302);
        await route({ insecureEdgeTerminationPolicy: "Allow" }, "http2");
        await answers("201 in plain text", inPlain, 201);
        await route({ insecureEdgeTerminationPolicy: "None" }, "http2");
        await answers("503 in plain text", inPlain, 503);
    });

    it("passthrough: TLS ends at the gateway, with the certificate of a Secret beside its pods", async () => {
        await openAt443([HOST]);
        await route({ termination: "passthrough", insecureEdgeTerminationPolicy: null }, "https");
        await eventually("no gateway without a certificate", async () => (await gateways()).broken, 60);
        const log = (): string => readFileSync(`${lab.home}/logs/daemon.log`, "utf8");
        match(log(), /Gateway flow-app\/flow: spec\.servers\[1\]\.tls\.credentialName there is no Secret/);
        await kube.create(await secret());
        equal((await answers("201 with the gateway's certificate", gateways, 201)).server, "istio-envoy");
        match((await routers()).broken ?? "", /CERT|SIGNATURE|VERIFY/i);
    });

    it("reencrypt: the router names no host to the gateway, so that only a server for everything takes it in", async () => {
        await route({ termination: "reencrypt", destinationCACertificate: authority.cert }, "https");
        await answers("503, as the gateway has nothing for a client that names nobody", routers, 503);
        await kube.jsonPatch(GATEWAY, [{ op: "replace", path: "/spec/servers/1/hosts", value: ["*"] }]);
        await answers("201", routers, 201);
        const stranger = await Authority.create("a stranger");
        await route({ destinationCACertificate: stranger.cert }, "https");
        await answers("503 from a gateway that is not believed", routers, 503);
    });

    async function secret(): Promise<KubeObject> {
        const { cert, key } = await authority.issue(HOST, [HOST]);
        return {
            apiVersion: "v1",
            kind: "Secret",
            type: "kubernetes.io/tls",
            metadata: { name: "sample-tls", namespace: MESH },
            stringData: { "tls.crt": cert, "tls.key": key },
        };
    }
});
