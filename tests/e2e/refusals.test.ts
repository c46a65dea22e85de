import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../lab/wait";
import { withLab } from "../lab/with-lab";
import { devDown } from "./dev";
import { fakeCluster, kubeconfigFor } from "./fake-cluster";
import { ROUTE, SUBSCRIPTION } from "./kinds";
import { assertLines, assertProblems } from "./messages";
import { assertSame, atRest, type Snapshot, snapshot } from "./snapshot";
import { DEV_FILE, Stack } from "./stack";
import { isAdmitted } from "./status";
import { removeTheirs, theirSubscription } from "./theirs";

const APPS = "mesh:namespaces.microsvc-sample";

describe("what cannot be is refused before anything is touched", function () {
    this.timeout(300_000);
    const used = withLab({}, "e2e");
    const kube = () => used().kube;
    let stack: Stack;
    let before_: Snapshot;

    before(async () => {
        await devDown(used().lab);
        stack = await Stack.open(used().lab, "refused", DEV_FILE);
    });

    beforeEach(async () => (before_ = await atRest(kube())));
    afterEach(async () => assertSame(before_, await snapshot(kube())));

    describe("by the configuration alone", () => {
        it("values of the wrong kind: all of them at once, with key, found and allowed", async () => {
            const message = await stack.refused("up", {
                config: {
                    "mesh:generation": "9",
                    "mesh:membership": "rol",
                    "mesh:controlPlane.tracing.sampling": "250",
                    "mesh:controlPlane.mtls": "of",
                    "mesh:controlPlane.proxy.limits.memory": "128m",
                    [`${APPS}.services.sample.alow`]: "anyone",
                    [`${APPS}.services.sample.port`]: "0",
                    "mesh:timeout": "{}",
                },
            });
            assertProblems(message, {
                "mesh:generation": /^9: one of 1\.1/,
                "mesh:controlPlane.mtls": "of: one of off, permissive, strict; did you mean off?",
                "mesh:controlPlane.tracing.sampling": "250: a percentage, 0 to 100",
                "mesh:controlPlane.proxy.limits.memory": /^128m: bytes, like 128Mi or 1G, .*; did you mean 128Mi\?$/,
                "mesh:membership": "rol: one of roll, member, selectors, labels; did you mean roll?",
                [`${APPS}.services.sample.port`]: "0: a port, 1 to 65535",
                [`${APPS}.services.sample.alow`]: "unknown key; did you mean allow?",
                "mesh:timeout": "unknown key; did you mean timeouts?",
            });
        });

        it("values that do not go together", async () => {
            const shop = { cart: { image: "registry.example.com/cart:1", host: "sample.apps.example.com" } };
            const message = await stack.refused("up", {
                config: {
                    "mesh:appsDomain": "apps.example.com",
                    [`${APPS}.services.caller.host`]: "caller.apps.exmaple.com",
                    [`${APPS}.services.sample.allow`]: JSON.stringify([{ services: ["calller"] }]),
                    "mesh:namespaces.shop": JSON.stringify({ services: shop }),
                    "mesh:namespaces.empty": JSON.stringify({ services: {} }),
                    "mesh:namespaces.Upper": JSON.stringify({ services: shop }),
                },
            });
            assertProblems(message, {
                "mesh:namespaces.Upper": /^Upper: a namespace: lower-case letters, .*; did you mean upper\?$/,
                "mesh:namespaces.empty.services": /^an empty object: at least one service; /,
                [`${APPS}.services.caller.host`]:
                    "caller.apps.exmaple.com is not under mesh:appsDomain apps.example.com; " +
                    "did you mean caller.apps.example.com?",
                "mesh:namespaces.shop.services.cart.host":
                    "sample.apps.example.com is already the host of microsvc-sample/sample",
                [`${APPS}.services.sample.allow[0].services[0]`]:
                    /^calller: a service of this stack, .*; did you mean caller\?$/,
            });
        });

        it("nothing at all", async () => {
            const empty = await Stack.open(used().lab, "empty", { config: {} });
            assert.match(await empty.refused("up"), /mesh:generation/);
        });
    });

    describe("by what is in the cluster", () => {
        it("hosts, workloads and Routes that are not there, or somebody else's", async () => {
            const message = await stack.refused("up", {
                config: {
                    [`${APPS}.services.caller.host`]: "caller.apps.exmaple.com",
                    [`${APPS}.services.sample.host`]: "other.apps.example.com",
                    "mesh:namespaces.other-team": JSON.stringify({
                        existingRoutes: { other: "exception" },
                        services: { othr: { existing: "Deployment" }, other: { existing: "DeploymentConfig" } },
                    }),
                },
            });
            assertProblems(message, {
                [`${APPS}.services.caller.host`]:
                    "caller.apps.exmaple.com is not under this cluster's domain apps.example.com; " +
                    "did you mean caller.apps.example.com?",
                [`${APPS}.services.sample.host`]:
                    "other.apps.example.com is held by Route other-team/other; choose another host, " +
                    "or remove it: oc delete route other -n other-team",
                "mesh:namespaces.other-team.services.other.existing":
                    "there is no DeploymentConfig other in namespace other-team; other is a Deployment",
                "mesh:namespaces.other-team.services.othr.existing":
                    "there is no Deployment othr in namespace other-team; did you mean other?",
                "mesh:namespaces.other-team.existingRoutes.other":
                    /^exception: no EventListener is behind service other, .* label their pod template maistra\.io/,
            });
        });

        it("step 1: operators from another catalogue, channel or version, or that are to be there and are not", async () => {
            const message = await stack.refused("up", {
                config: {
                    "mesh:operators.kiali": JSON.stringify({ source: "community-operators" }),
                    "mesh:operators.elasticsearch": JSON.stringify({ channel: "4.6" }),
                    "mesh:operators.jaeger": JSON.stringify({ install: "existing" }),
                    "mesh:operators.servicemesh": JSON.stringify({ startingCSV: "servicemeshoperator.v1.1.5" }),
                },
            });
            assertProblems(message, {
                "mesh:operators.elasticsearch.channel": /^4\.6: one of 4\.5/,
                "mesh:operators.jaeger.install": /^jaeger-product is not installed in this cluster/,
                "mesh:operators.kiali.source": /^community-operators offers no kiali-ossm; redhat-operators does/,
                "mesh:operators.servicemesh.startingCSV":
                    /^servicemeshoperator\.v1\.1\.5: channel stable offers servicemeshoperator\.v1\.1\.7, /,
            });
        });

        describe("step 3, trap 27: a Route without an answer", () => {
            before(async () => {
                await kube().create({
                    ...ROUTE,
                    metadata: { name: "report", namespace: "microsvc-sample" },
                    spec: { to: { kind: "Service", name: "report" } },
                });
                await eventually("the Route is admitted", async () => {
                    const route = await kube().get({ ...ROUTE, namespace: "microsvc-sample", name: "report" });
                    return route && isAdmitted(route) ? route : undefined;
                });
            });
            after(() => kube().delete({ ...ROUTE, namespace: "microsvc-sample", name: "report" }));

            it("a table of all of them, and the choices", async () => {
                assertLines(await stack.refused("up"), [
                    "microsvc-sample has Routes that the mesh would cut off, and no answer for 1 of them; nothing was touched",
                    "ROUTE  HOST  TO  ANSWER",
                    "caller  caller-microsvc-sample.apps.example.com  service caller  managed",
                    "el-caller  el-caller-microsvc-sample.apps.example.com  EventListener caller  exception",
                    "el-sample  el-sample-microsvc-sample.apps.example.com  EventListener sample  exception",
                    "report  report-microsvc-sample.apps.example.com  service report  ?",
                    "sample  sample-microsvc-sample.apps.example.com  service sample  managed",
                    /^Choose in mesh:namespaces\.microsvc-sample\.existingRoutes: managed .*, exception .*, or cut-off$/,
                ]);
            });
        });

        describe("trap 8: a CSV that an earlier installation left", () => {
            const at = { namespace: "openshift-operators", name: "jaeger-product" };
            before(async () => {
                await theirSubscription(kube(), "jaeger-product");
                await kube().delete({ ...SUBSCRIPTION, ...at });
            });
            after(() => removeTheirs(kube(), "jaeger-product"));

            it("both ways out", async () => {
                assertProblems(await stack.refused("up"), {
                    "mesh:operators.jaeger.install":
                        "an earlier installation left jaeger-operator.v1.17.4 in openshift-operators, and OLM installs " +
                        "nothing over it; remove it (oc delete csv jaeger-operator.v1.17.4 -n openshift-operators), " +
                        "or set this to existing to use it",
                });
            });

            it("one of them: use it as it is", async () => {
                const { messages, steps } = await stack.preview({
                    config: { "mesh:operators.jaeger.install": "existing" },
                });
                assert.match(
                    messages[0].text,
                    /jaeger-product: jaeger-operator\.v1\.17\.4 has no Subscription; it is used as it is/,
                );
                assert.ok(!steps.some(({ urn }) => urn.includes("Subscription::jaeger-product")));
            });
        });

        describe("step 1: a Community operator of Kiali's very name", () => {
            before(() => theirSubscription(kube(), "kiali", { source: "community-operators", channel: "stable" }));
            after(() => removeTheirs(kube(), "kiali"));

            it("is not picked by mistake", async () => {
                assertProblems(await stack.refused("up"), {
                    "mesh:operators.kiali":
                        /^kiali-operator\.v1\.24\.0 in openshift-operators is of another package, kiali, .*: it is not used/,
                });
            });
        });
    });

    describe("by the cluster itself", () => {
        let folder: string;
        before(() => (folder = mkdtempSync(join(tmpdir(), "mesh-e2e-"))));
        after(() => rmSync(folder, { recursive: true }));

        const onCluster = async (name: string, server: string): Promise<Stack> => {
            const kubeconfig = join(folder, name);
            writeFileSync(kubeconfig, kubeconfigFor(server));
            return Stack.open({ kubeconfig }, name, DEV_FILE);
        };

        it("one that cannot be reached", async () => {
            const { server, close } = await fakeCluster([]);
            close();
            assertLines(await (await onCluster("far", server)).refused("up"), [
                /^http:\/\/127\.0\.0\.1:\d+ cannot be reached: connect ECONNREFUSED .*; nothing was touched$/,
                /^Is this the right cluster\? /,
            ]);
        });

        it("one that is no OpenShift, or has no OLM", async () => {
            for (const [groups, said] of [
                [["operators.coreos.com/v1alpha1"], /is not an OpenShift cluster: it serves no Routes/],
                [["route.openshift.io/v1"], /has no Operator Lifecycle Manager/],
            ] as [string[], RegExp][]) {
                const { server, close } = await fakeCluster(groups);
                try {
                    assert.match(await (await onCluster("other", server)).refused("up"), said);
                } finally {
                    close();
                }
            }
        });

        it("one where too little may be read: every right that is missing is named", async () => {
            const { viewerKubeconfig } = used().lab;
            const message = await (
                await Stack.open({ kubeconfig: viewerKubeconfig }, "viewer", DEV_FILE)
            ).refused("up");
            const [first, ...rest] = message.split("\n");
            assert.match(first, /^\S+ may not read what this stack must know; nothing was touched$/);
            for (const right of ["subscriptions.operators.coreos.com", "routes.route.openshift.io", "namespaces"]) {
                assert.ok(
                    rest.some((line) => new RegExp(`^  list +${right} +in the whole cluster$`).test(line)),
                    message,
                );
            }
            assert.match(rest.at(-1) ?? "", /Ask a cluster administrator .*npm run roles/);
        });
    });
});
