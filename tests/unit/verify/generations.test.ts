import assert from "node:assert/strict";
import type { Ref } from "../../../kube";
import { configOf, MeshCluster, said } from "./meshes";
import { MEMBER } from "./scenario";

const ref = (apiVersion: string, kind: string, namespace: string | undefined, name: string): Ref => ({
    apiVersion,
    kind,
    namespace,
    name,
});
const SAIL = "sailoperator.io/v1";
const ROUTE = "route.openshift.io/v1";
const GATEWAY_API = "gateway.networking.k8s.io/v1";
const WAY_IN = "istio-system-ingress";

type Row = [what: string, spoil: (kube: MeshCluster) => unknown, subject: string, seen: RegExp];

const ROWS: Record<string, Row[]> = {
    staging: [
        [
            "trap 19: the control plane has yet to notice a change",
            (k) =>
                k.change(
                    ref("maistra.io/v2", "ServiceMeshControlPlane", "istio-system", "basic"),
                    (c) => (c.metadata.generation = 2),
                ),
            "istio-system/basic",
            /yet to notice generation 2/,
        ],
        [
            "a namespace is not configured",
            (k) =>
                k.change(
                    ref("maistra.io/v1", "ServiceMeshMemberRoll", "istio-system", "default"),
                    (r) => (r.status.configuredMembers = []),
                ),
            MEMBER,
            /microsvc-sample/,
        ],
        [
            "mTLS is permissive",
            (k) =>
                k.change(
                    ref("security.istio.io/v1beta1", "PeerAuthentication", "istio-system", "default"),
                    (p) => (p.spec.mtls.mode = "PERMISSIVE"),
                ),
            "mtls",
            /plain text taken, clients use mTLS/,
        ],
        [
            "a host's Route leads elsewhere",
            (k) =>
                k.change(
                    ref(ROUTE, "Route", "istio-system", `${MEMBER}-caller`),
                    (r) => (r.spec.to.name = "somewhere"),
                ),
            "caller.apps.example.com",
            /Route istio-system\/microsvc-sample-caller: spec\.to\.name: somewhere/,
        ],
    ],
    prod: [
        [
            "trap 38: the revision has yet to notice a change that the status does not tell of",
            (k) => k.change(ref(SAIL, "IstioRevision", undefined, "default"), (r) => (r.metadata.generation = 2)),
            "istio-system/default",
            /yet to notice generation 2 of IstioRevision default/,
        ],
        [
            "trap 35: without IstioCNI nothing is healthy",
            (k) => k.remove(ref(SAIL, "IstioCNI", undefined, "default")),
            "IstioCNI default",
            /not there/,
        ],
        [
            "a namespace has lost the label by which it is injected",
            (k) =>
                k.change(ref("v1", "Namespace", undefined, MEMBER), (n) => delete n.metadata.labels["istio-injection"]),
            MEMBER,
            /lacks istio-injection=enabled/,
        ],
        [
            "trap 37: the gateway's pods were not injected",
            (k) =>
                k.change(
                    ref("v1", "Pod", "istio-system-ingress", "istio-ingressgateway-1"),
                    (p) => (p.spec.containers[0].image = "auto"),
                ),
            "Deployment istio-system-ingress/istio-ingressgateway",
            /not injected, image auto/,
        ],
        [
            "a NetworkPolicy lets in others",
            (k) =>
                k.change(
                    ref("networking.k8s.io/v1", "NetworkPolicy", MEMBER, "istio-mesh"),
                    (p) => (p.spec.ingress = [{}]),
                ),
            `NetworkPolicy ${MEMBER}/istio-mesh`,
            /spec\.ingress\[0\]\.from: nothing/,
        ],
        [
            "a NetworkPolicy is gone",
            (k) => k.remove(ref("networking.k8s.io/v1", "NetworkPolicy", MEMBER, "istio-expose-route")),
            `NetworkPolicy ${MEMBER}/istio-expose-route`,
            /not there/,
        ],
        [
            "an exception is spoken to in mTLS, which it does not understand",
            (k) =>
                k.change(
                    ref("networking.istio.io/v1", "DestinationRule", MEMBER, "el-sample"),
                    (r) => (r.spec.trafficPolicy.tls.mode = "ISTIO_MUTUAL"),
                ),
            `DestinationRule ${MEMBER}/el-sample`,
            /spec\.trafficPolicy\.tls\.mode: ISTIO_MUTUAL/,
        ],
        [
            "a console has no Route",
            (k) => k.remove(ref(ROUTE, "Route", "istio-system", "kiali-default")),
            "console kiali",
            /not there/,
        ],
        [
            "Kiali's operator has failed",
            (k) =>
                k.change(ref("kiali.io/v1alpha1", "Kiali", "istio-system", "kiali-default"), (c) =>
                    c.status.conditions.push({ type: "Failure", status: "True", reason: "Failed", message: "no" }),
                ),
            "Kiali istio-system/kiali-default",
            /Failed: no/,
        ],
    ],
    "prod, its gateway by the Gateway API": [
        [
            "the Gateway's Deployment is of other parameters",
            (k) =>
                k.change(
                    ref("apps/v1", "Deployment", WAY_IN, "istio-ingressgateway-istio"),
                    (d) => (d.metadata.annotations["openshift-mesh/parameters"] = "others"),
                ),
            `Gateway ${WAY_IN}/istio-ingressgateway`,
            /yet to make Deployment istio-ingressgateway-istio as it is to be now/,
        ],
        [
            "a host's certificate is missing, for which the stack does not wait",
            (k) =>
                k.change(ref(GATEWAY_API, "Gateway", WAY_IN, "istio-ingressgateway"), (g) => {
                    const [http] = g.status.listeners;
                    const no = { type: "ResolvedRefs", status: "False", observedGeneration: 1, reason: "NoSecret" };
                    g.spec.listeners.push({ name: "https", tls: {} });
                    g.status.listeners.push({ name: "https", conditions: [no, ...http.conditions] });
                }),
            `Gateway ${WAY_IN}/istio-ingressgateway`,
            /listener https: not complete: NoSecret/,
        ],
        [
            "the Gateway lets in everybody's routes",
            (k) =>
                k.change(
                    ref(GATEWAY_API, "Gateway", WAY_IN, "istio-ingressgateway"),
                    (g) => (g.spec.listeners[0].allowedRoutes.namespaces = { from: "All" }),
                ),
            `Gateway ${WAY_IN}/istio-ingressgateway`,
            /spec\.listeners\[0\]\.allowedRoutes\.namespaces\.from: All/,
        ],
        [
            "a host's HTTPRoute is not taken in",
            (k) =>
                k.change(
                    ref(GATEWAY_API, "HTTPRoute", MEMBER, "caller"),
                    (r) => (r.status.parents[0].conditions[0].status = "False"),
                ),
            `HTTPRoute ${MEMBER}/caller`,
            /not accepted/,
        ],
        [
            "a host leads to another service",
            (k) =>
                k.change(
                    ref(GATEWAY_API, "HTTPRoute", MEMBER, "caller"),
                    (r) => (r.spec.rules[0].backendRefs[0].name = "sample"),
                ),
            `HTTPRoute ${MEMBER}/caller`,
            /backendRefs\[0\]\.name: sample/,
        ],
    ],
};

const BY_GATEWAY_API = { "mesh:controlPlane.gateways.ingress.api": "gateway-api" };

for (const [title, rows] of Object.entries(ROWS)) {
    describe(`verify: the objects of ${title}`, () => {
        const [stack, ...other] = title.split(", ");
        const config = configOf(stack, other.length > 0 ? BY_GATEWAY_API : {});

        it("all of it holds when it is as the stack leaves it", async () => {
            const checks = await said(new MeshCluster(config), config);
            assert.deepEqual(
                checks.filter((c) => c.result === "failed"),
                [],
            );
            const names = checks.map((c) => `${c.group} ${c.subject}`);
            assert.equal(new Set(names).size, names.length, "each about something of its own");
        });

        for (const [what, spoil, subject, seen] of rows) {
            it(`says it when ${what}`, async () => {
                const kube = new MeshCluster(config);
                await spoil(kube);
                const failed = (await said(kube, config)).filter((c) => c.result === "failed");
                assert.deepEqual(
                    failed.map((c) => c.subject),
                    [subject],
                );
                assert.match(failed[0].seen, seen);
            });
        }

        it("only reads, and never a Secret", async () => {
            const kube = new MeshCluster(config);
            const seen = new Set<string>();
            kube.before = (verb, { kind }) => seen.add(`${verb} ${kind}`);
            await said(kube, config);
            assert.deepEqual([...new Set([...seen].map((s) => s.split(" ")[0]))].sort(), ["get", "list"]);
            assert.ok(![...seen].some((s) => s.endsWith(" Secret")));
        });
    });
}
