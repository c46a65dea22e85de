import assert from "node:assert/strict";
import type { KubeObject } from "../../../kube";
import { planOf, STRICT } from "./meshes";
import { MEMBER } from "./scenario";

describe("verify: what must come of a request, on later generations", () => {
    const services = `mesh:namespaces.${MEMBER}.services`;
    const openCaller = { [`${services}.caller.allow`]: "anyone" };
    for (const stack of ["staging", "prod"]) {
        it(`${stack}: the scenario's answers`, async () => assert.deepEqual(await planOf(stack), STRICT));

        it(`${stack}: step 9, before: without mTLS and policy everybody has an answer`, async () => {
            const off = { "mesh:controlPlane.mtls": "off", [`${services}.sample.allow`]: "anyone", ...openCaller };
            assert.deepEqual([...new Set(Object.values(await planOf(stack, off)))], ["answer"]);
        });

        it(`${stack}: a rule names the gateway, by whatever identity it has there`, async () => {
            const allow = { [`${services}.sample.allow`]: JSON.stringify([{ gateway: true }]) };
            assert.deepEqual(await planOf(stack, allow), {
                ...STRICT,
                "gateway http sample": "answer",
                "gateway http caller": "no-success",
            });
        });

        it(`${stack}: who is denied is refused, whatever is allowed`, async () => {
            const deny = {
                [`${services}.sample.allow`]: "anyone",
                [`${services}.sample.deny`]: JSON.stringify([{ gateway: true }]),
            };
            assert.deepEqual(await planOf(stack, deny), STRICT);
        });

        it(`${stack}: TLS: by https; plain HTTP is redirected, let in, or has nothing`, async () => {
            const tls = (mode: string, insecure: string) => ({
                [`${services}.caller.tls`]: JSON.stringify({
                    mode,
                    insecure,
                    ...(mode === "edge" ? {} : { credential: "cert" }),
                }),
            });
            const of = async (over: object) => {
                const all = await planOf(stack, over);
                return [all["gateway https caller"], all["gateway http caller"]];
            };
            assert.deepEqual(await of(tls("edge", "redirect")), ["answer", "redirect"]);
            assert.deepEqual(await of(tls("reencrypt", "allow")), ["answer", "answer"]);
            assert.deepEqual(await of(tls("passthrough", "none")), ["answer", "unavailable"]);
        });
    }

    it("prod, its gateway by the Gateway API: the scenario's answers, by the identity that istiod gives it", async () => {
        const api = { "mesh:controlPlane.gateways.ingress.api": "gateway-api" };
        assert.deepEqual(await planOf("prod", api), STRICT);
        const others = [{ principals: ["cluster.local/ns/istio-system-ingress/sa/istio-ingressgateway"] }];
        const allow = { [`${services}.caller.allow`]: JSON.stringify(others) };
        assert.equal((await planOf("prod", { ...api, ...allow }))["gateway http caller"], "denied");
    });

    it("one service, or one port of it, takes plain text by its own PeerAuthentication", async () => {
        const selector = { matchLabels: { app: "caller" } };
        const peers = (spec: object): KubeObject => ({
            apiVersion: "security.istio.io/v1",
            kind: "PeerAuthentication",
            metadata: { name: "own", namespace: MEMBER },
            spec: { selector, ...spec },
        });
        const withIt = async (spec: object) =>
            (await planOf("prod", openCaller, (k) => k.put(peers(spec))))["plain http caller"];
        assert.equal(await withIt({ mtls: { mode: "PERMISSIVE" } }), "answer");
        assert.equal(await withIt({ portLevelMtls: { "8080": { mode: "PERMISSIVE" } } }), "answer");
        assert.equal(await withIt({ portLevelMtls: { "9090": { mode: "PERMISSIVE" } } }), "reset");
        assert.equal(await withIt({ mtls: { mode: "UNSET" } }), "reset");
    });
});
