import assert from "node:assert/strict";
import type { KubeObject } from "../../kube";
import type { RunResult } from "../../lab/engine/driver";
import { withLab } from "../lab/with-lab";
import { dev, devAccounts } from "./dev";
import { Journal } from "./journal";
import {
    AUTHORIZATION,
    CONTROL_PLANE,
    CSV,
    DEPLOYMENT,
    DESTINATION_RULE,
    GATEWAY,
    LISTENER,
    MESH_POLICY,
    NAMESPACE,
    POD,
    ROLL,
    ROUTE,
    SUBSCRIPTION,
    VIRTUAL_SERVICE,
} from "./kinds";
import { assertUntouched, type Snapshot, snapshot } from "./snapshot";
import { changesOf, type Stack } from "./stack";
import { isTheirs, MARK } from "./theirs";
import { conditionOf, containersOf, isAdmitted, isAvailable } from "./status";

const EXPOSED = "maistra.io/expose-route";
const APPS = "microsvc-sample";
const MESH = "istio-system";
const PACKAGES: Record<string, string> = {
    "elasticsearch-operator": "openshift-operators-redhat",
    "jaeger-product": "openshift-operators",
    "kiali-ossm": "openshift-operators",
    servicemeshoperator: "openshift-operators",
};
const ISTIO = [AUTHORIZATION, GATEWAY, VIRTUAL_SERVICE];

describe("the dev environment, provisioned from nothing", function () {
    this.timeout(600_000);
    const used = withLab({}, "e2e");
    const kube = () => used().kube;
    let stack: Stack;
    let everything: Snapshot;
    let theirs: Snapshot;
    let journal: Journal;

    before(async () => {
        stack = await dev(used().lab);
        everything = await snapshot(kube());
        theirs = await snapshot(kube(), isTheirs);
        journal = new Journal(kube(), [CSV, SUBSCRIPTION, CONTROL_PLANE, ROLL, LISTENER, DEPLOYMENT, ...ISTIO]);
    });

    after(() => journal.end());

    describe("the first up", () => {
        let result: RunResult;
        before(async () => (result = await stack.up()));

        it("step 1: four operators are Succeeded, from Red Hat's catalogue, in the places the vendor names", async () => {
            for (const [name, namespace] of Object.entries(PACKAGES)) {
                const subscription = await kube().get({ ...SUBSCRIPTION, namespace, name });
                const { source, sourceNamespace } = subscription?.spec ?? {};
                assert.deepEqual([source, sourceNamespace], ["redhat-operators", "openshift-marketplace"], name);
                const csv = await kube().get({ ...CSV, namespace, name: subscription?.status?.installedCSV });
                assert.equal(csv?.status.phase, "Succeeded", name);
            }
        });

        it("step 2: the control plane is ready, nine of nine", async () => {
            const plane = await kube().get({ ...CONTROL_PLANE, namespace: MESH, name: "basic-install" });
            assert.equal(conditionOf(plane, "Ready")?.status, "True");
            assert.equal(conditionOf(plane, "Reconciled")?.status, "True");
            assert.equal(plane?.status.annotations.readyComponentCount, "9/9");
            assert.equal(plane?.spec.version, "v1.1");
            const running = (await kube().list(DEPLOYMENT, { namespace: MESH })).filter(isAvailable);
            // Beside those that the scenario names there is the one that makes Routes of Gateways.
            assert.deepEqual(running.map((d) => d.metadata.name).sort(), [
                "grafana",
                "ior",
                "istio-citadel",
                "istio-egressgateway",
                "istio-galley",
                "istio-ingressgateway",
                "istio-pilot",
                "istio-policy",
                "istio-sidecar-injector",
                "istio-telemetry",
                "jaeger",
                "kiali",
                "prometheus",
            ]);
        });

        it("step 3, trap 28: both listeners are labelled, and so are their new pods", async () => {
            for (const name of ["caller", "sample"]) {
                const listener = await kube().get({ ...LISTENER, namespace: APPS, name });
                assert.equal(listener?.metadata.labels?.[EXPOSED], "true");
                const pods = await podsOf(`eventlistener=${name}`);
                assert.ok(pods.length > 0);
                assert.ok(pods.every((pod) => pod.metadata.labels?.[EXPOSED] === "true"));
            }
        });

        it("step 5: the namespace is a configured member", async () => {
            const roll = await kube().get({ ...ROLL, namespace: MESH, name: "default" });
            assert.deepEqual(roll?.status.configuredMembers, [APPS]);
            const namespace = await kube().get({ ...NAMESPACE, name: APPS });
            assert.equal(namespace?.metadata.labels?.["maistra.io/member-of"], MESH);
        });

        it("steps 4 and 6: the pods have their sidecar, and caller knows sample by its internal name", async () => {
            for (const name of ["caller", "sample"]) {
                const pods = await podsOf(`app=${name}`);
                assert.deepEqual(pods.map(containersOf), [["spring-boot", "istio-proxy"]], name);
                assert.equal(conditionOf(pods[0], "Ready")?.status, "True");
            }
            const maps = await kube().list({ apiVersion: "v1", kind: "ConfigMap" }, { labelSelector: "app=caller" });
            assert.deepEqual(
                maps.map((m) => m.data["application.properties"].trim()),
                ["sample_api.base_path=http://sample.microsvc-sample.svc.cluster.local:8080"],
            );
        });

        it("step 7, trap 25: every host has an admitted Route to the mesh's gateway", async () => {
            const labelSelector = `maistra.io/generated-by=ior,maistra.io/gateway-namespace=${APPS}`;
            const routes = await kube().list(ROUTE, { namespace: MESH, labelSelector });
            assert.deepEqual(routes.map((r) => r.spec.host).sort(), [
                "caller.apps.example.com",
                "sample.apps.example.com",
            ]);
            for (const route of routes) {
                assert.ok(isAdmitted(route), route.spec.host);
                assert.deepEqual([route.spec.to.name, route.spec.port.targetPort], ["istio-ingressgateway", "http2"]);
                assert.equal(route.spec.tls, undefined);
            }
        });

        it("step 9, trap 29: mTLS is strict, by objects that the operator owns", async () => {
            const policy = await kube().get({ ...MESH_POLICY, namespace: MESH, name: "default" });
            assert.deepEqual(policy?.spec, { peers: [{ mtls: {} }] });
            const rules = await kube().list(DESTINATION_RULE, { namespace: MESH });
            const hosts = Object.fromEntries(rules.map((r) => [r.metadata.name, r.spec.host]));
            assert.deepEqual([hosts.default, hosts["api-server"]], ["*.local", "kubernetes.default.svc.cluster.local"]);
            for (const object of [policy as KubeObject, ...rules]) {
                assert.equal(object.metadata.annotations?.[MARK], undefined, object.metadata.name);
            }
        });

        it("step 10: only the namespace itself may call sample", async () => {
            const policies = await kube().list(AUTHORIZATION, { namespace: APPS });
            assert.deepEqual(
                policies.map((p) => p.metadata.name),
                ["to-sample"],
            );
            assert.deepEqual(policies[0].spec, {
                selector: { matchLabels: { app: "sample" } },
                rules: [{ from: [{ source: { namespaces: [APPS] } }], to: [] }],
            });
        });

        it("says at once what it found", () => {
            assert.match(result.messages[0].text, /^look: 2 Routes will be managed, 2 are exceptions/);
        });

        it("the outputs are the contract", () => {
            const hosts = {
                sample: "sample.apps.example.com",
                caller: "caller.apps.example.com",
                grafana: "grafana-istio-system.apps.example.com",
                ingressgateway: "istio-ingressgateway-istio-system.apps.example.com",
                jaeger: "jaeger-istio-system.apps.example.com",
                kiali: "kiali-istio-system.apps.example.com",
                prometheus: "prometheus-istio-system.apps.example.com",
            };
            const plain = ["sample", "caller", "ingressgateway"];
            const service = (name: string) => ({
                namespace: APPS,
                host: `${name}.microsvc-sample.svc.cluster.local`,
                port: 8080,
            });
            assert.deepEqual(result.outputs, {
                routeHosts: hosts,
                urls: Object.fromEntries(
                    Object.entries(hosts).map(([n, host]) => [n, `${plain.includes(n) ? "http" : "https"}://${host}`]),
                ),
                controlPlane: {
                    name: "basic-install",
                    namespace: MESH,
                    generation: "1.1",
                    version: "v1.1",
                    mtls: "strict",
                },
                operators: {
                    "elasticsearch-operator": "elasticsearch-operator.4.5.0-202008100413.p0",
                    "jaeger-product": "jaeger-operator.v1.17.4",
                    "kiali-ossm": "kiali-operator.v1.12.15",
                    servicemeshoperator: "servicemeshoperator.v1.1.7",
                },
                members: [APPS],
                services: { caller: service("caller"), sample: service("sample") },
            });
        });

        it("each step came when the one before was really done", async () => {
            const succeeded = (name: string) => ({
                kind: CSV,
                name,
                is: (csv: KubeObject) => csv.status?.phase === "Succeeded",
            });
            const made = (kind: typeof CSV, name: string) => ({ kind, name });
            const labelled = (name: string) => ({
                kind: LISTENER,
                name,
                is: (l: KubeObject) => l.metadata.labels?.[EXPOSED] === "true",
            });
            const available = (name: string) => ({ kind: DEPLOYMENT, name, is: isAvailable });
            const plane = {
                kind: CONTROL_PLANE,
                name: "basic-install",
                is: (o: KubeObject) => conditionOf(o, "Ready")?.status === "True",
            };
            const member = {
                kind: ROLL,
                name: "default",
                is: (o: KubeObject) => o.status?.configuredMembers?.includes(APPS),
            };
            const { operators } = result.outputs as { operators: Record<string, string> };
            const { servicemeshoperator: last, ...first } = operators;
            const order = [
                ...Object.values(first).map((csv) => [succeeded(csv), made(SUBSCRIPTION, "servicemeshoperator")]),
                [succeeded(last), made(CONTROL_PLANE, "basic-install")],
                [plane, made(ROLL, "default")],
                [labelled("caller"), made(ROLL, "default")],
                [labelled("sample"), made(ROLL, "default")],
                [member, made(DEPLOYMENT, "caller")],
                [member, made(DEPLOYMENT, "sample")],
                [made(AUTHORIZATION, "to-sample"), made(DEPLOYMENT, "sample")],
                [available("caller"), made(GATEWAY, "sample-gateway")],
                [available("sample"), made(GATEWAY, "sample-gateway")],
                [made(VIRTUAL_SERVICE, "caller"), made(GATEWAY, "sample-gateway")],
                [made(VIRTUAL_SERVICE, "sample"), made(GATEWAY, "sample-gateway")],
            ];
            for (const [early, late] of order) {
                const [before, after] = [await journal.first(early), await journal.first(late)];
                assert.ok(
                    before < after,
                    `${late.kind.kind} ${late.name} before ${early.kind.kind} ${early.name} was done`,
                );
            }
        });

        it("nothing of others' was touched, but for the label on their listeners", async () => {
            const touched = /^(EventListener|Service|ServiceAccount|Namespace) microsvc-sample/;
            const before = new Map([...theirs].filter(([name]) => !touched.test(name)));
            const news = assertUntouched(before, await snapshot(kube(), isTheirs));
            const isOthers = (name: string) => touched.test(name) || name === "Gateway other-mesh-app/others";
            assert.deepEqual(
                news.filter((name) => !isOthers(name)),
                [],
            );
        });
    });

    describe("the next runs", () => {
        it("a preview finds nothing to change (trap 23: nor does it fight the operators' labels)", async () => {
            const result = await stack.preview({ expectNoChanges: true });
            assert.deepEqual(changesOf(result), []);
        });

        it("an up changes nothing, and waits for nothing", async () => {
            const before = await snapshot(kube());
            const result = await stack.up({ expectNoChanges: true });
            assert.deepEqual(changesOf(result), []);
            assert.deepEqual(assertUntouched(before, await snapshot(kube())), []);
        });
    });

    describe("one changed value is exactly its own change", () => {
        const config: Record<string, string> = {};
        const services = `mesh:namespaces.${APPS}.services`;
        const change = async (key: string, value: string): Promise<string[]> => {
            config[key] = value;
            return changesOf(await stack.up({ config }));
        };

        it("the host of caller", async () => {
            assert.deepEqual(await change(`${services}.caller.host`, "hello.apps.example.com"), [
                "update Gateway microsvc-sample: spec.servers[0].hosts[0]",
                "update VirtualService microsvc-sample/caller: spec.hosts[0]",
            ]);
            const routes = await kube().list(ROUTE, { namespace: MESH });
            assert.ok(routes.some((r) => r.spec.host === "hello.apps.example.com" && isAdmitted(r)));
            assert.ok(!routes.some((r) => r.spec.host === "caller.apps.example.com"));
            const { routeHosts } = (await stack.engine.outputs()) as { routeHosts: Record<string, string> };
            assert.equal(routeHosts.caller, "hello.apps.example.com");
        });

        it("who may call sample", async () => {
            const rules = [{ namespaces: [APPS], methods: ["POST"], paths: ["/api/sample/*"] }];
            assert.deepEqual(await change(`${services}.sample.allow`, JSON.stringify(rules)), [
                "update AuthorizationPolicy microsvc-sample/sample: spec.rules[0].to[0]",
            ]);
        });

        it("how much is traced, and mTLS", async () => {
            config["mesh:controlPlane.tracing.sampling"] = "5";
            assert.deepEqual(await change("mesh:controlPlane.mtls", "permissive"), [
                "update ServiceMeshControlPlane basic-install: metadata.annotations.openshift-mesh/digest, " +
                    "spec.istio.global.mtls.auto, spec.istio.global.mtls.enabled, spec.istio.pilot.traceSampling",
            ]);
            const policy = await kube().get({ ...MESH_POLICY, namespace: MESH, name: "default" });
            assert.deepEqual(policy?.spec, { peers: [{ mtls: { mode: "PERMISSIVE" } }] });
        });

        it("one more namespace, as a preview", async () => {
            const more = { services: { web: { image: "registry.example.com/extra/web:1" } } };
            const all = { ...config, "mesh:namespaces.extra": JSON.stringify(more) };
            // The roles are those of the stack as it is: whoever may look into the new one too has to preview it.
            assert.match(await stack.refused("preview", { config: all }), /list +services +in namespace extra\n/);
            await stack.previewAs(used().lab.kubeconfig);
            const changes = changesOf(await stack.preview({ config: all }));
            await stack.previewAs((await devAccounts(used().lab)).previewer);
            assert.deepEqual(
                changes.filter((change) => !/^create \w+ extra(\/web)?$/.test(change)),
                [
                    "update ServiceMeshMemberRoll members: metadata.annotations.openshift-mesh/digest, spec.members[0], spec.members[1]",
                ],
            );
        });

        it("and back again", async () => {
            assert.deepEqual(changesOf(await stack.up()), [
                "update AuthorizationPolicy microsvc-sample/sample: spec.rules[0].to[0]",
                "update Gateway microsvc-sample: spec.servers[0].hosts[0]",
                "update ServiceMeshControlPlane basic-install: metadata.annotations.openshift-mesh/digest, " +
                    "spec.istio.global.mtls.auto, spec.istio.global.mtls.enabled, spec.istio.pilot.traceSampling",
                "update VirtualService microsvc-sample/caller: spec.hosts[0]",
            ]);
        });
    });

    describe("destroy", () => {
        before(async () => {
            await stack.destroy();
        });

        it("leaves nothing of ours", async () => {
            const left = await snapshot(kube(), (object) => object.metadata.annotations?.[MARK] !== undefined);
            assert.deepEqual([...left.keys()], []);
            assert.deepEqual(await stack.engine.state(), []);
            const isOthers = (name: string) =>
                // Kinds stay: they may hold other people's objects.
                /^(CustomResourceDefinition|APIService) /.test(name) ||
                /^Gateway other-mesh-app\/others$/.test(name) ||
                // Pods of the listeners, made anew without the label.
                /^(Pod|ReplicaSet) microsvc-sample\/el-/.test(name);
            const names = [...(await snapshot(kube())).keys()].filter((name) => !everything.has(name));
            assert.deepEqual(
                names.filter((name) => !isOthers(name)),
                [],
            );
        });

        it("leaves all of theirs as it was", async () => {
            const isNews = (name: string) => name !== "Gateway other-mesh-app/others";
            assert.deepEqual(assertUntouched(theirs, await snapshot(kube(), isTheirs)).filter(isNews), []);
            for (const name of ["caller", "sample"]) {
                const pods = await podsOf(`eventlistener=${name}`);
                assert.ok(pods.length > 0 && pods.every((pod) => pod.metadata.labels?.[EXPOSED] === undefined));
            }
        });

        it("went in the order that operators need (trap 30)", async () => {
            const order: [typeof CSV, string][][] = [
                [
                    [GATEWAY, "sample-gateway"],
                    [DEPLOYMENT, "sample"],
                ],
                [
                    [DEPLOYMENT, "sample"],
                    [AUTHORIZATION, "to-sample"],
                ],
                [
                    [DEPLOYMENT, "sample"],
                    [ROLL, "default"],
                ],
                [
                    [ROLL, "default"],
                    [CONTROL_PLANE, "basic-install"],
                ],
                [
                    [CONTROL_PLANE, "basic-install"],
                    [CSV, "servicemeshoperator.v1.1.7"],
                ],
                [
                    [CSV, "servicemeshoperator.v1.1.7"],
                    [CSV, "kiali-operator.v1.12.15"],
                ],
                [
                    [CSV, "servicemeshoperator.v1.1.7"],
                    [CSV, "jaeger-operator.v1.17.4"],
                ],
            ];
            for (const [early, late] of order) {
                // A Deployment is on its way out while its pods end.
                const left = early[0] === DEPLOYMENT ? journal.going(...early) : journal.gone(...early);
                const [before, after] = [await left, await journal.gone(...late)];
                assert.ok(before < after, `${late[0].kind} ${late[1]} went before ${early[0].kind} ${early[1]}`);
            }
        });
    });

    describe("after that", () => {
        it("a second life begins like the first (traps 7, 8, 31)", async () => {
            const result = await stack.up();
            assert.deepEqual((result.outputs as { members: string[] }).members, [APPS]);
            assert.ok(changesOf(result).every((change) => change.startsWith("create ")));
        });
    });

    const podsOf = async (labelSelector: string): Promise<KubeObject[]> =>
        (await kube().list(POD, { namespace: APPS, labelSelector })).filter((p) => !p.metadata.deletionTimestamp);
});
