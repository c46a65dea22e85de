import { deepEqual } from "node:assert/strict";
import type { Kube, KubeObject } from "../../kube";
import { installCrds, jaegerCrds, kialiCrds } from "../../lab/crds";
import { Journal } from "./maistra/journal";
import { BASIC, KINDS_25, ofControlPlane } from "./maistra/kinds25";
import {
    deployOperator2,
    mesh2,
    namespace,
    removeNamespaces,
    removeOperators,
    says,
    webhooksAnswer,
} from "./maistra/operator";
import { recorded, seen, tell, toldEvents, withoutCounts } from "./maistra/telling";
import { withLab } from "./with-lab";

const MESH = "upd2-mesh";
const OTHER = "upd2-other";
const NAMES = { "istio-system": MESH, vtest: OTHER };
const PLANE = { apiVersion: "maistra.io/v2", kind: "ServiceMeshControlPlane", namespace: MESH, name: "basic" };
const PROMETHEUS = "prometheus-rhel8";
const GRAFANA = "grafana-rhel8";
const is = (test: (object: KubeObject) => boolean) => (entry: { event: string; object: KubeObject }) =>
    entry.object.kind === PLANE.kind && entry.event !== "DELETED" && test(entry.object);
const updated = (generation: number) =>
    is((smcp) => smcp.status?.observedGeneration === generation && says(smcp, "Ready", true));
const pausedFor = (component: string) =>
    is(({ status }) =>
        status?.conditions?.some(({ message }: { message?: string }) =>
            message?.endsWith(`become ready: [${component}]`),
        ),
    );

describe("Maistra stand-in: changes of a control plane as recorded from the real operator 2.5", function () {
    this.timeout(60_000);
    const lab = withLab({ openshift: "4.18" }, "maistra25");
    let kube: Kube;
    let journal: Journal;

    before(async () => {
        ({ kube } = lab());
        await deployOperator2(kube);
        await webhooksAnswer(kube);
        journal = await Journal.of(
            kube,
            KINDS_25,
            ({ metadata }) =>
                [MESH, OTHER].includes(metadata.namespace ?? metadata.name) || metadata.name.endsWith(MESH),
        );
        await kube.create(namespace(MESH));
        await kube.create(mesh2("basic", MESH, BASIC));
        await journal.until("the installation", updated(1));
        await journal.rest();
        journal.take();
    });

    after(async () => {
        journal?.end();
        await removeNamespaces(kube, [MESH, OTHER]);
        await removeOperators(kube);
    });

    async function conforms(step: string, where = MESH, { events = true } = {}): Promise<void> {
        await journal.rest();
        // Every update changes every Deployment, and whether the API server has looked at the last one already is a matter
        // of milliseconds: the recording, too, has now 5/5 and then 4/5 (M3a, M3b).
        const happened = withoutCounts(seen(journal.take()));
        const expected = withoutCounts(recorded(step, NAMES, "maistra25"));
        const concerns = ofControlPlane(where);
        deepEqual(tell(happened, concerns), tell(expected, concerns), step);
        if (events) {
            const told = toldEvents(happened, PLANE.kind, where);
            deepEqual(told, toldEvents(expected, PLANE.kind, where), `${step}: events of the control plane`);
        }
    }

    it("M3a: mTLS; its Route is made anew (traps 19, 29, 40)", async () => {
        await kube.mergePatch(PLANE, { spec: { security: { dataPlane: { mtls: true } } } });
        await journal.until("the update", updated(2));
        await conforms("14-M3a");
    });

    it("M4a: Prometheus and Grafana", async () => {
        await kube.mergePatch(PLANE, { spec: { proxy: { accessLogging: { file: { name: "/dev/stdout" } } } } });
        await journal.until("the update between", updated(3));
        await journal.rest();
        journal.take();
        await lab().lab.set({ kubelet: { neverReadyImages: [PROMETHEUS, GRAFANA] } });
        await kube.mergePatch(PLANE, {
            spec: { addons: { prometheus: { enabled: true }, grafana: { enabled: true } } },
        });
        await journal.until("a pause", pausedFor("prometheus"));
        await lab().lab.set({ kubelet: { neverReadyImages: [GRAFANA] } });
        await journal.until("another", pausedFor("grafana"));
        await lab().lab.set({ kubelet: { neverReadyImages: [] } });
        await journal.until("the update", updated(4));
        // From here on the recording's operator had used up the Events that it may record of one object.
        await conforms("16-M4a", MESH, { events: false });
    });

    it("M4b: Kiali and Jaeger without their kinds (trap 42)", async () => {
        await kube.mergePatch(PLANE, { spec: { addons: { kiali: { enabled: true } }, tracing: { type: "Jaeger" } } });
        await journal.until(
            "the error",
            is((smcp) => says(smcp, "Reconciled", "DependencyMissingError")),
        );
        await journal.rest();
        const happened = withoutCounts(seen(journal.take()));
        const expected = withoutCounts(recorded("17-M4b", NAMES, "maistra25"));
        const concerns = ofControlPlane(MESH);
        deepEqual(tell(happened, concerns), tell(expected, concerns));
    });

    it("M4c: the kinds appear, and it heals with its old words until the end (trap 42)", async () => {
        await installCrds(kube, [...(await kialiCrds()), ...(await jaegerCrds())]);
        await journal.until("the update", updated(5));
        // Kinds have only just come: a watch looks for a missing kind once a second.
        await journal.rest(1_100);
        journal.take();
        const plane = await kube.get(PLANE);
        deepEqual(plane?.status.annotations, {
            alwaysReadyComponents: "mesh-config,telemetry-common,tracing,kiali",
            readyComponentCount: "9/9",
        });
    });

    it("M4d: back to the smallest", async () => {
        const addons = { kiali: { enabled: false }, prometheus: { enabled: false }, grafana: { enabled: false } };
        await kube.mergePatch(PLANE, { spec: { addons, tracing: { type: "None" } } });
        await journal.until("the update", updated(6));
        await conforms("19-M4d", MESH, { events: false });
    });

    it("M5c: a profile that there is not", async () => {
        await kube.create(namespace(OTHER));
        await kube.create(mesh2("t", OTHER, { version: "v2.5", profiles: ["nosuch"] }));
        const failed = is((smcp) => says(smcp, "Ready", "ReconcileError"));
        await journal.until("the error", failed);
        await kube.delete({ ...PLANE, namespace: OTHER, name: "t" });
        await journal.until("its end", ({ event, object }) => event === "DELETED" && object.kind === PLANE.kind);
        await conforms("22-M5c", OTHER);
    });
});
