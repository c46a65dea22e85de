import assert from "node:assert/strict";
import { judgePiece, PIECE_NAMES, pieceJudge, type PieceSnapshot } from "../../../cluster/verdicts/pieces";
import type { KubeObject } from "../../../kube";

const API = "gateway.networking.k8s.io/v1";
const NS = "istio-system-ingress";
const EMPTY = Object.fromEntries(PIECE_NAMES.map((name) => [name, []])) as unknown as PieceSnapshot;
const POD_LABELS = { "gateway.networking.k8s.io/gateway-name": "gate" };

function judge(object: KubeObject, seen: Partial<PieceSnapshot> = {}) {
    const kind = pieceJudge(object);
    assert.ok(kind, object.kind);
    return judgePiece(kind, object, { ...EMPTY, pieces: [object], ...seen });
}

const said = (type: string, status = "True", observedGeneration = 2, reason = "", message = "") => ({
    type,
    status,
    observedGeneration,
    reason,
    message,
});

/** A Gateway that is all well, as it is after a change. */
function gateway(): KubeObject {
    return {
        apiVersion: API,
        kind: "Gateway",
        metadata: { name: "gate", namespace: NS, generation: 2 },
        spec: {
            gatewayClassName: "istio",
            infrastructure: { labels: { app: "gate" }, annotations: { "openshift-mesh/parameters": "now" } },
            listeners: [{ name: "http" }, { name: "https", tls: { mode: "Terminate" } }],
        },
        status: {
            conditions: [said("Accepted"), said("Programmed")],
            listeners: ["https", "http"].map((name) => ({
                name,
                conditions: [said("Accepted"), said("Programmed"), said("ResolvedRefs")],
            })),
        },
    };
}

/** What istiod makes for it, rolled out. */
function made(): Pick<PieceSnapshot, "workloads" | "replicaSets" | "pods"> {
    const template = { metadata: { labels: { ...POD_LABELS, "sidecar.istio.io/inject": "false" } }, spec: {} };
    const hash = { "pod-template-hash": "1" };
    const deployment: KubeObject = {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: {
            name: "gate-istio",
            namespace: NS,
            uid: "d",
            generation: 1,
            labels: { app: "gate" },
            annotations: { "openshift-mesh/parameters": "now", "deployment.kubernetes.io/revision": "1" },
        },
        spec: { replicas: 1, selector: { matchLabels: POD_LABELS }, template },
        status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
    };
    const replicaSet: KubeObject = {
        apiVersion: "apps/v1",
        kind: "ReplicaSet",
        metadata: {
            name: "gate-istio-1",
            namespace: NS,
            uid: "r",
            labels: { ...POD_LABELS, ...hash },
            annotations: { "deployment.kubernetes.io/revision": "1" },
            ownerReferences: [
                { apiVersion: "apps/v1", kind: "Deployment", name: "gate-istio", uid: "d", controller: true },
            ],
        },
        spec: {
            replicas: 1,
            template: { ...template, metadata: { labels: { ...template.metadata.labels, ...hash } } },
        },
    };
    const pod: KubeObject = {
        apiVersion: "v1",
        kind: "Pod",
        metadata: {
            name: "gate-istio-1-a",
            namespace: NS,
            labels: { ...POD_LABELS, ...hash },
            ownerReferences: [
                { apiVersion: "apps/v1", kind: "ReplicaSet", name: "gate-istio-1", uid: "r", controller: true },
            ],
        },
        spec: { containers: [{ name: "istio-proxy", image: "proxyv2" }] },
        status: {
            phase: "Running",
            conditions: [{ type: "Ready", status: "True" }],
            containerStatuses: [{ name: "istio-proxy", ready: true }],
        },
    };
    return { workloads: [deployment], replicaSets: [replicaSet], pods: [pod] };
}

type Row = [what: string, spoil: (gateway: KubeObject, others: ReturnType<typeof made>) => void, why: RegExp];

const ROWS: Row[] = [
    ["nobody has taken it up yet", (g) => delete g.status, /^gate: the control plane has yet to say .* accepted$/],
    [
        "what is said is of the spec of before",
        (g) => (g.status.conditions[1].observedGeneration = 1),
        /yet to say whether it is programmed/,
    ],
    [
        "its address is not there",
        (g) => (g.status.conditions[1] = said("Programmed", "False", 2, "AddressNotAssigned", "no endpoints")),
        /not programmed: AddressNotAssigned: no endpoints/,
    ],
    [
        "its listener in plain HTTP, which is everybody's, is refused",
        (g) => (g.status.listeners[1].conditions[0] = said("Accepted", "False", 2, "PortUnavailable", "no")),
        /listener http: not accepted: PortUnavailable: no/,
    ],
    [
        "of a certificate nothing is said yet",
        (g) => (g.status.listeners[0].conditions[2].observedGeneration = 1),
        /listener https: the control plane has yet to say whether it is complete/,
    ],
    ["a listener is new", (g) => g.spec.listeners.push({ name: "more" }), /listener more: the control plane has yet/],
    ["its Deployment is yet to come", (_, m) => m.workloads.pop(), /yet to make Deployment gate-istio$/],
    [
        "its Deployment is of the parameters of before",
        (_, m) => (m.workloads[0].metadata.annotations!["openshift-mesh/parameters"] = "before"),
        /yet to make Deployment gate-istio as it is to be now/,
    ],
    ["its Deployment rolls out", (_, m) => (m.workloads[0].metadata.generation = 2), /yet to notice generation 2/],
    ["a pod of it is not ready", (_, m) => (m.pods[0].status.conditions[0].status = "False"), /0 of 1 pods ready/],
];

describe("the verdict on a Gateway of the Gateway API", () => {
    it("is ready when it is programmed as it is now, and its Deployment rolled out", () => {
        const verdict = judge(gateway(), made());
        assert.equal(verdict.is, "ready", JSON.stringify(verdict));
    });

    for (const [what, spoil, why] of ROWS) {
        it(`waits: ${what}`, () => {
            const [object, others] = [gateway(), made()];
            spoil(object, others);
            const verdict = judge(object, others);
            assert.ok(verdict.is === "waiting", verdict.is);
            assert.match(verdict.why, why);
        });
    }

    it("is ready, and says so, when one host's certificate is missing: nobody else waits for it", () => {
        const object = gateway();
        object.status.listeners[0].conditions[2] = said(
            "ResolvedRefs",
            "False",
            2,
            "InvalidCertificateRef",
            "no x-tls",
        );
        const verdict = judge(object, made());
        assert.ok(verdict.is === "ready");
        assert.match(verdict.say ?? "", /pods ready; listener https: not complete: InvalidCertificateRef: no x-tls$/);
    });

    it("watches what it will judge by: the Deployment, and its pods once their labels are known", () => {
        const judgeOf = pieceJudge(gateway());
        const watched = (seen: Partial<PieceSnapshot>) =>
            judgeOf?.watches?.(gateway(), { ...EMPTY, ...seen }).map(({ as, name }) => [as, name].join(" ").trim());
        assert.deepEqual(watched({ pieces: [gateway()] }), [`namespaces ${NS}`, "workloads gate-istio"]);
        assert.deepEqual(watched({ pieces: [gateway()], workloads: made().workloads })?.slice(2), [
            "pods",
            "replicaSets",
        ]);
    });
});

describe("the verdict on an HTTPRoute", () => {
    const parentRef = { name: "gate", namespace: NS, sectionName: "http" };
    const filledIn = { ...parentRef, group: "gateway.networking.k8s.io", kind: "Gateway" };
    const route = (conditions: object[], parent: object = filledIn): KubeObject => ({
        apiVersion: API,
        kind: "HTTPRoute",
        metadata: { name: "cart", namespace: "shop", generation: 2 },
        spec: { hostnames: ["cart.apps.example.com"], parentRefs: [parentRef] },
        status: { parents: [{ parentRef: parent, controllerName: "istio.io/gateway-controller", conditions }] },
    });
    const rows: [what: string, route: KubeObject, why?: RegExp][] = [
        ["taken in", route([said("Accepted"), said("ResolvedRefs")])],
        ["no word yet", { ...route([]), status: undefined }, /Gateway istio-system-ingress\/gate: .* yet to say/],
        ["a word of before", route([said("Accepted", "True", 1), said("ResolvedRefs")]), /yet to say .* accepted/],
        [
            "a word of another parent",
            route([said("Accepted"), said("ResolvedRefs")], { ...filledIn, sectionName: "https" }),
            /yet to say/,
        ],
        [
            "its namespace is not let in",
            route([said("Accepted", "False", 2, "NotAllowedByListeners", "not allowed"), said("ResolvedRefs")]),
            /not accepted: NotAllowedByListeners: not allowed/,
        ],
        [
            "its service is not there",
            route([said("Accepted"), said("ResolvedRefs", "False", 2, "BackendNotFound", "no cart")]),
            /not complete: BackendNotFound: no cart/,
        ],
    ];
    for (const [what, object, why] of rows) {
        it(what, () => {
            const verdict = judge(object);
            assert.equal(verdict.is, why === undefined ? "ready" : "waiting");
            assert.match(verdict.is === "waiting" ? verdict.why : "", why ?? /^$/);
        });
    }
});
