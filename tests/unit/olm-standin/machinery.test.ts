import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { accessOf, componentLabel, deploymentOf } from "../../../lab/standins/olm/bundle";
import { compareVersions, packagesOf } from "../../../lab/standins/olm/catalog";
import { targetsOf } from "../../../lab/standins/olm/operator-groups";
import { manifestOf } from "../../../lab/standins/olm/package-manifests";
import { WorkQueue } from "../../../lab/standins/olm/queue";
import { Throttle } from "../../../lab/standins/olm/throttle";
import { csv, group, packages, settings } from "./builders";

describe("OLM stand-in: catalogue", () => {
    it("offers the scenario's four operators, each version in its channels", () => {
        const all = packages();
        for (const name of ["elasticsearch-operator", "jaeger-product", "kiali-ossm", "servicemeshoperator"]) {
            const pkg = all.find((p) => p.name === name && p.source === "redhat-operators")!;
            const known = new Set(pkg.bundles.map((b) => b.csv));
            assert.ok(pkg.channels[pkg.defaultChannel].length > 0, name);
            assert.ok(
                Object.values(pkg.channels)
                    .flat()
                    .every((c) => known.has(c)),
                name,
            );
        }
    });

    it("of an OpenShift 4.18 offers the operators of Service Mesh 2, and what every release has", () => {
        const all = packagesOf(settings(), "4.18");
        const head = (name: string) => all.find((p) => p.name === name)?.channels.stable.at(-1);
        assert.equal(head("servicemeshoperator"), "servicemeshoperator.v2.6.8");
        assert.match(head("kiali-ossm")!, /^kiali-operator\.v2\./);
        assert.ok(all.some((p) => p.name === "web-terminal") && all.some((p) => p.source === "community-operators"));
        const known = new Set(all.flatMap((p) => p.bundles.map((b) => b.csv)));
        const channels = all.flatMap((p) => Object.values(p.channels).flat());
        assert.deepEqual(
            channels.filter((csv) => !known.has(csv)),
            [],
        );
    });

    it("settings take versions away, and put packages in the place of ours", () => {
        const removed = packages({ removedVersions: ["servicemeshoperator.v1.1.7"] });
        const pkg = removed.find((p) => p.name === "servicemeshoperator")!;
        assert.deepEqual(pkg.channels.stable, ["servicemeshoperator.v1.1.6"]);
        const jaeger = { ...packages().find((p) => p.name === "jaeger-product")!, displayName: "Another" };
        const replaced = packagesOf(settings({ extraPackages: [jaeger] })).filter((p) => p.name === "jaeger-product");
        assert.deepEqual(
            replaced.map((p) => p.displayName),
            ["Another"],
        );
    });

    it("PackageManifests: default channel, head, entries newest first", () => {
        const all = packages();
        const { status, metadata } = manifestOf(
            all.find((p) => p.name === "servicemeshoperator")!,
            all,
        );
        assert.equal(status.defaultChannel, "stable");
        assert.deepEqual(metadata.labels?.catalog, "redhat-operators");
        const stable = status.channels.find((c: any) => c.name === "stable");
        assert.equal(stable.currentCSV, "servicemeshoperator.v1.1.7");
        assert.deepEqual(
            stable.entries.map((e: any) => e.version),
            ["1.1.7", "1.1.6"],
        );
    });

    it("orders versions by their numbers", () => {
        assert.ok(compareVersions("1.1.10", "1.1.9") > 0);
        assert.ok(compareVersions("1.0.2", "1.1.7") < 0);
        assert.equal(compareVersions("1.1.7", "1.1.7"), 0);
    });
});

describe("OLM stand-in: what a CSV brings", () => {
    const object = csv("servicemeshoperator.v1.1.7");

    it("the Deployment is the CSV's, and takes the Subscription's config", () => {
        const resources = { limits: { memory: "1Gi" } };
        const made = deploymentOf(object, { resources, env: [{ name: "A", value: "b" }] });
        assert.equal(made.metadata.ownerReferences?.[0].name, "servicemeshoperator.v1.1.7");
        assert.equal(made.metadata.labels?.["olm.owner"], "servicemeshoperator.v1.1.7");
        const [container] = made.spec.template.spec.containers;
        assert.deepEqual([container.resources, container.env], [resources, [{ name: "A", value: "b" }]]);
    });

    it("cluster-wide rights have no owner, only labels (recorded: olm a)", () => {
        const byKind = Object.fromEntries(accessOf(object).map((o) => [o.kind, o.metadata]));
        assert.equal(byKind.ClusterRole.ownerReferences, undefined);
        assert.equal(byKind.ClusterRole.labels?.["olm.owner"], "servicemeshoperator.v1.1.7");
        assert.equal(byKind.Role.ownerReferences?.length, 1);
    });

    it("the component label names package and namespace", () => {
        const label = componentLabel("kiali-ossm", "openshift-operators");
        assert.equal(label, "operators.coreos.com/kiali-ossm.openshift-operators");
    });

    it("an OperatorGroup without targets means every namespace", () => {
        assert.deepEqual(targetsOf(group([]), []), [""]);
        assert.deepEqual(targetsOf({ ...group([]), spec: { targetNamespaces: ["b", "a"] } }, []), ["a", "b"]);
    });
});

describe("OLM stand-in: requests a second (trap 47)", () => {
    it("lets a burst through and then holds to the rate", async () => {
        const waits: number[] = [];
        let now = 0;
        const delay = async (ms: number) => {
            waits.push(ms);
            now += ms;
        };
        const throttle = new Throttle(
            () => ({ perSecond: 5, burst: 2, timeScale: 1 }),
            delay,
            () => now,
        );
        for (let i = 0; i < 5; i++) {
            await throttle.take();
        }
        assert.deepEqual(waits, [200, 200, 200]);
        now += 10_000;
        await throttle.take(2);
        assert.equal(waits.length, 3);
    });
});

describe("OLM stand-in: work queue", () => {
    function queue(work: (key: string) => Promise<void>) {
        const stop = new AbortController();
        const host = {
            delay: (ms: number) => sleep(ms, undefined, { signal: stop.signal }),
            log: () => undefined,
            signal: stop.signal,
            timeScale: () => 1,
        };
        return { queue: new WorkQueue(work, host), stop: () => stop.abort() };
    }

    it("does a key once however often it is added, and again when it is added meanwhile", async () => {
        const done: string[] = [];
        const { queue: work, stop } = queue(async (key) => {
            done.push(key);
            if (done.length === 1) {
                work.add(key);
                work.add(key);
            }
            await sleep(5);
        });
        ["a", "a", "a"].forEach((key) => work.add(key));
        await sleep(40);
        stop();
        assert.deepEqual(done, ["a", "a"]);
    });

    it("moves an appointment up, never back", async () => {
        const times: number[] = [];
        const from = Date.now();
        const { queue: work, stop } = queue(async () => void times.push(Date.now() - from));
        work.add("a", 400);
        work.add("a", 10);
        work.add("a", 300);
        await sleep(100);
        stop();
        assert.equal(times.length, 1);
    });
});
