import assert from "node:assert/strict";
import { hold } from "../../../cluster/gate";
import { pieceGate } from "../../../cluster/gates";
import {
    judgePiece,
    PIECE_NAMES,
    pieceJudge,
    type PieceRef,
    type PieceSnapshot,
} from "../../../cluster/verdicts/pieces";
import type { KubeObject } from "../../../kube";
import { FakeKube } from "./fake-kube";

const NS = "istio-system";
const EMPTY = Object.fromEntries(PIECE_NAMES.map((name) => [name, []])) as unknown as PieceSnapshot;

function judge(object: KubeObject, seen: Partial<PieceSnapshot> = {}) {
    const kind = pieceJudge(object);
    assert.ok(kind, object.kind);
    return judgePiece(kind, object, { ...EMPTY, pieces: [object], ...seen });
}

function object(apiVersion: string, kind: string, name: string, body: object = {}): KubeObject {
    return { apiVersion, kind, metadata: { name, namespace: NS, generation: 1 }, ...body };
}

const condition = (type: string, status: string, reason = "", message = "") => ({ type, status, reason, message });

function deployment(name: string, status: object = {}, spec: object = {}): KubeObject {
    const done = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 };
    return object("apps/v1", "Deployment", name, { spec: { replicas: 1, ...spec }, status: { ...done, ...status } });
}

describe("pieces that take their time", () => {
    it("those that are done when they are written need no gate", () => {
        for (const [apiVersion, kind] of [
            ["security.istio.io/v1", "PeerAuthentication"],
            ["networking.k8s.io/v1", "NetworkPolicy"],
            ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding"],
            ["v1", "Service"],
            ["route.openshift.io/v1", "Route"],
        ]) {
            assert.equal(pieceGate({ apiVersion, kind, metadata: { name: "x" } }, { timeoutSeconds: 1 }), undefined);
        }
    });

    it("one that is gone is missed, with what makes it again", () => {
        const ref: PieceRef = {
            apiVersion: "kiali.io/v1alpha1",
            kind: "Kiali",
            metadata: { name: "k", namespace: NS },
        };
        const kind = pieceJudge(ref);
        assert.ok(kind);
        const verdict = judgePiece(kind, ref, EMPTY);
        assert.ok(verdict.is === "waiting");
        assert.equal(verdict.why, "Kiali istio-system/k is not there");
        assert.match(verdict.todo?.join() ?? "", /--refresh/);
    });
});

describe("Kiali verdict", () => {
    const kiali = (conditions: object[], more: object = {}) =>
        object("kiali.io/v1alpha1", "Kiali", "kiali-basic", {
            spec: { deployment: { instance_name: "kiali-basic" } },
            status: { conditions, ...more },
        });
    const finished = [
        condition("Running", "True", "Successful", "Awaiting next reconciliation"),
        condition("Successful", "True", "Successful", "Last reconciliation succeeded"),
        condition("Failure", "False"),
    ];

    it("a run that succeeded and a Deployment that is rolled out", () => {
        assert.equal(judge(kiali(finished), { workloads: [deployment("kiali-basic")] }).is, "ready");
        const rolling = judge(kiali(finished), { workloads: [deployment("kiali-basic", { unavailableReplicas: 1 })] });
        assert.ok(rolling.is === "waiting");
        assert.equal(rolling.why, "Kiali: Deployment kiali-basic: 0 of 1 pods available");
        assert.equal(judge(kiali(finished)).is, "waiting", "no Deployment");
    });

    it("a run that goes on is waited for, with how far it is", () => {
        const running = [condition("Running", "True", "Running", "Running reconciliation"), ...finished.slice(1)];
        const workloads = [deployment("kiali-basic")];
        const verdict = judge(kiali(running, { progress: { message: "4. Creating resources" } }), { workloads });
        assert.ok(verdict.is === "waiting");
        assert.equal(verdict.why, "Kiali: 4. Creating resources");
    });

    it("a run that failed is tried again: waited for, in its words", () => {
        const failed = [...finished.slice(0, 2), condition("Failure", "True", "Failed", "the CR is not valid")];
        const verdict = judge(kiali(failed), { workloads: [deployment("kiali-basic")] });
        assert.ok(verdict.is === "waiting");
        assert.match(verdict.why, /Failed: the CR is not valid; its operator tries again/);
    });

    it("OSSMConsole says it the same way", () => {
        const console = object("kiali.io/v1alpha1", "OSSMConsole", "ossmconsole", { status: { conditions: finished } });
        assert.equal(judge(console).is, "ready");
        assert.equal(judge({ ...console, status: {} }).is, "waiting");
    });
});

describe("tracing verdicts", () => {
    it("TempoMonolithic and TempoStack: Ready; otherwise what is True instead", () => {
        for (const kind of ["TempoMonolithic", "TempoStack"]) {
            const tempo = (...conditions: object[]) =>
                judge(object("tempo.grafana.com/v1alpha1", kind, "v3", { status: { conditions } }));
            assert.equal(tempo(condition("Ready", "True", "Ready", "All components are operational")).is, "ready");
            const wrong = condition("ConfigurationError", "True", "InvalidStorageConfig", "no Secret minio");
            const verdict = tempo(condition("Ready", "False"), wrong);
            assert.ok(verdict.is === "waiting", "a Secret may still come");
            assert.match(verdict.why, /InvalidStorageConfig: no Secret minio/);
            assert.equal(tempo().is, "waiting");
        }
    });

    it("OpenTelemetryCollector: its operator's Deployment", () => {
        const otel = object("opentelemetry.io/v1beta1", "OpenTelemetryCollector", "otel");
        assert.equal(judge(otel).is, "waiting");
        assert.equal(judge(otel, { workloads: [deployment("otel-collector")] }).is, "ready");
        const old = deployment("otel-collector", { observedGeneration: 0 });
        assert.equal(judge(otel, { workloads: [old] }).is, "waiting");
    });
});

describe("gateway Deployment verdict (trap 37)", () => {
    const labels = { app: "istio-ingressgateway", "sidecar.istio.io/inject": "true" };
    const gateway = deployment(
        "gw",
        {},
        { selector: { matchLabels: { app: labels.app } }, template: { metadata: { labels } } },
    );
    gateway.metadata.annotations = { "deployment.kubernetes.io/revision": "1" };
    const replicaSet = object("apps/v1", "ReplicaSet", "gw-1");
    replicaSet.metadata.annotations = gateway.metadata.annotations;
    replicaSet.metadata.labels = { ...labels, "pod-template-hash": "1" };
    replicaSet.metadata.ownerReferences = [{ apiVersion: "apps/v1", kind: "Deployment", name: "gw", uid: "u" }];
    const pod = (image: string): KubeObject => ({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "gw-1-x", namespace: NS, labels: replicaSet.metadata.labels },
        spec: { containers: [{ name: "istio-proxy", image }] },
        status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
    });
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: NS, labels: { "istio.io/rev": "v3" } } };
    const seen = (image: string) => ({ replicaSets: [replicaSet], pods: [pod(image)], namespaces: [namespace] });

    it("ready when its pods were injected", () => {
        assert.equal(judge(gateway, seen("registry.example.com/proxyv2")).is, "ready");
    });

    it("a pod whose image is still `auto` never starts: said at once", () => {
        const verdict = judge(gateway, seen("auto"));
        assert.ok(verdict.is === "failed");
        assert.equal(verdict.problem.found, "not injected, image auto");
        assert.match(verdict.problem.todo.join("\n"), /oc rollout restart deployment\/gw -n istio-system/);
    });
});

describe("a gate over several kinds", () => {
    const SAIL = "sailoperator.io/v1";
    const healthy = (kind: string, generation: number, more: object = {}): KubeObject => ({
        apiVersion: SAIL,
        kind,
        metadata: { name: "default", generation },
        spec: { namespace: NS, version: "v1.27.9" },
        status: {
            observedGeneration: generation,
            state: "Healthy",
            activeRevisionName: "default",
            conditions: ["Reconciled", "Ready", "DependenciesHealthy"].map((type) => ({ type, status: "True" })),
            ...more,
        },
    });

    it("reads anew before it opens: a watch that is behind shows an old revision beside the new status (trap 38)", async () => {
        const fake = new FakeKube();
        fake.put(healthy("Istio", 2));
        fake.put(healthy("IstioRevision", 2));
        fake.put(deployment("istiod"));
        // What a read finds is a step ahead of what the watch has shown.
        const changed = healthy("IstioRevision", 3, { observedGeneration: 2 });
        const list = fake.list.bind(fake);
        let behind = true;
        fake.list = async (kind, o) => (kind.kind === "IstioRevision" && behind ? [changed] : list(kind, o));
        const ref = { apiVersion: SAIL, kind: "Istio", metadata: { name: "default" } };
        const gate = pieceGate(ref, { timeoutSeconds: 5 });
        assert.ok(gate);
        const lines: string[] = [];
        let opened = false;
        const held = hold(fake.kube, gate, (line) => lines.push(line), { pace: { reportMs: 1 } });
        void held.then(() => (opened = true));
        while (!lines.some((l) => /yet to notice generation 3 of IstioRevision default/.test(l))) {
            await new Promise((resolve) => setTimeout(resolve, 5));
        }
        assert.equal(opened, false);
        behind = false;
        assert.equal((await held).revision, "default");
    });
});
