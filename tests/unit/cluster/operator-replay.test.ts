import assert from "node:assert/strict";
import type { KubeObject } from "../../../kube";
import { isCopy } from "../../../cluster/verdicts/csv";
import { judgeOperator, type OperatorWant } from "../../../cluster/verdicts/operator";
import type { Verdict } from "../../../cluster/verdict";
import { type Moment, recordings, replayOlm } from "./replay";

/**
 * What the verdict must say of every Subscription of every recording: its changes, in order. "ready@4492" = from 4492
 * ms on. Read off the recordings by hand; traps 1 to 5, 8 to 12.
 */
const EXPECTED: Record<string, Record<string, string>> = {
    "00-catalogsource": {},
    "a-automatic": { "openshift-operators/jaeger-product": "waiting ready@4492" },
    "b1-four-at-once": {
        "openshift-operators-redhat/elasticsearch-operator": "waiting ready@17911",
        "openshift-operators/jaeger-product": "waiting ready@22071",
        "openshift-operators/kiali-ossm": "waiting ready@25064",
        "openshift-operators/servicemeshoperator": "waiting ready@26818",
    },
    "b2-three-2s-apart": {
        "openshift-operators/jaeger-product": "waiting ready@4412",
        "openshift-operators/kiali-ossm": "waiting ready@14793",
        "openshift-operators/servicemeshoperator": "waiting ready@13577",
    },
    "b3-four-at-once-quiet": {
        "openshift-operators-redhat/elasticsearch-operator": "waiting ready@10343",
        "openshift-operators/jaeger-product": "waiting ready@15858",
        "openshift-operators/kiali-ossm": "waiting ready@13182",
        "openshift-operators/servicemeshoperator": "waiting ready@18350",
    },
    // Pinned to 1.1.6; at the end a person approves 1.1.7, which OLM never takes back.
    "c-manual-startingcsv": {
        "openshift-operators/servicemeshoperator": "waiting act@796 waiting ready@12891 failed@33220",
    },
    // Automatic goes on to the newest by itself; a false ResolutionFailed shows for seconds and is never believed.
    "c2-automatic-startingcsv": {
        "openshift-operators/servicemeshoperator": "waiting ready@4688 waiting ready@9711",
    },
    "d1-manual-and-automatic": {
        "openshift-operators/kiali-ossm": "waiting act@697 waiting ready@16417",
        "openshift-operators/servicemeshoperator": "waiting act@697 waiting ready@17344",
    },
    "d2-automatic-added-later-to-manual": { "openshift-operators/jaeger-product": "waiting failed@1257" },
    "d3-approve-the-overlapping-plan": {
        "openshift-operators/servicemeshoperator": "waiting act@233 waiting ready@5387 waiting failed@15815",
        "openshift-operators/jaeger-product": "waiting failed@9798 waiting ready@19194",
    },
    "e1-no-operatorgroup": { "e-none/jaeger-product": "failed@1400 waiting ready@23389" },
    "e2-two-operatorgroups": { "e-two/jaeger-product": "failed@1701 waiting" },
    "e3-unsupported-operatorgroup": { "e-own/jaeger-product": "waiting failed@2174" },
    "e4-two-operatorgroups-touch": { "e-two/jaeger-product": "failed@1263 waiting ready@18725" },
    "f1-same-package-twice": { "f-ns/kiali-a": "waiting ready@11780", "f-ns/kiali-b": "waiting ready@11780" },
    "f2-missing-package-next-to-good": {
        "f-ns/jaeger-product": "waiting failed@934 waiting ready@39056",
        "f-ns/nosuch": "waiting failed@934",
    },
    // The recording begins with jaeger-product installed; its CSV does not show in it.
    "f3-missing-package-added-to-installed": {
        "f-ns/nosuch": "waiting failed@1126",
        "f-ns/jaeger-product": "waiting",
        "f-ns/kiali-ossm": "waiting failed@12779 waiting",
    },
    "f4-recovery-after-bad-removed": {
        "f-ns/jaeger-product": "waiting failed@1422 waiting ready@73049",
        "f-ns/nosuch": "waiting failed@1964",
    },
    "g1-startingcsv-not-in-catalog": { "f-ns/servicemeshoperator": "waiting failed@773 waiting ready@19291" },
    "g2-channel-missing-and-catalog-missing": {
        "f-ns/servicemeshoperator": "waiting failed@538 gone waiting failed@12789",
    },
    "h1-delete-sub-recreate-same": {
        "openshift-operators/servicemeshoperator": "waiting ready@5342 gone waiting failed@26167 waiting ready@55769",
    },
    "h2-orphan-116-recreate-manual-116": {
        "openshift-operators/servicemeshoperator":
            "waiting act@316 waiting ready@6549 gone waiting failed@27175 waiting act@49837",
    },
    "h3-delete-csv-first-then-sub-then-recreate": {
        "openshift-operators/servicemeshoperator": "waiting ready@6574 gone waiting ready@30215",
    },
    "h4-delete-csv-only": { "openshift-operators/kiali-ossm": "waiting ready@4145 failed@11323" },
    "h5-csv-only-deleted-then-touch": {
        "openshift-operators/kiali-ossm": "waiting ready@4221 failed@9500 gone waiting ready@30533",
    },
    // "install timeout" and "exceeded its progress deadline" heal; a missing requirement shows for ever as Pending.
    "i-unavailable-and-missing-requirement": {
        "i-never/never-operator": "waiting ready@751781",
        "i-hidden/hidden-operator": "waiting",
        "i-needer/needer-operator": "waiting failed@8077",
    },
    "i0-crd-deleted-while-installing": {
        "i-never/never-operator": "waiting",
        "i-hidden/hidden-operator": "waiting",
        "i-needer/needer-operator": "waiting failed@9252",
    },
    "j1-catalog-down-warm-cache": {
        "openshift-operators/jaeger-product": "waiting ready@4864",
        "openshift-operators/kiali-ossm": "waiting ready@41734",
    },
    "j2-catalog-down-cold": { "openshift-operators/kiali-ossm": "waiting ready@52951" },
    "k-copied-csvs": {
        "openshift-operators/jaeger-product": "waiting ready@4077",
        "openshift-operators-redhat/elasticsearch-operator": "waiting ready@28760",
    },
    "l-heal": { "openshift-operators/kiali-ossm": "waiting ready@4327 waiting ready@27033" },
};

const PREFIXES: Record<string, string> = {
    "jaeger-product": "jaeger-operator.",
    "kiali-ossm": "kiali-operator.",
};

function wantOf(subscription: KubeObject): OperatorWant {
    const { name: packageName, startingCSV, installPlanApproval } = subscription.spec;
    return {
        package: packageName,
        key: packageName,
        namespace: subscription.metadata.namespace ?? "",
        subscription: subscription.metadata.name,
        startingCSV,
        approval: installPlanApproval,
        csvPrefix: PREFIXES[packageName] ?? `${packageName}.`,
        ours: ["kiali-operator.", "jaeger-operator.", "servicemeshoperator.v1.1.6"],
    };
}

function judge(moment: Moment, subscription: KubeObject): Verdict<{ csv: string }> {
    const { namespace } = subscription.metadata;
    const seen = {
        subscriptions: moment.list("Subscription", namespace),
        plans: moment.list("InstallPlan", namespace),
        csvs: moment.list("ClusterServiceVersion", namespace),
        groups: moment.list("OperatorGroup", namespace),
        crds: moment.list("CustomResourceDefinition"),
        webhooks: [],
    };
    return judgeOperator(seen, wantOf(subscription));
}

interface Said {
    t: number;
    is: string;
    verdict?: Verdict<{ csv: string }>;
}

/** What is said of each Subscription after every line of a recording, and where a person did something. */
function sayings(file: string): { said: Map<string, Said[]>; acts: number[] } {
    const said = new Map<string, Said[]>();
    const acts: number[] = [];
    for (const moment of replayOlm(file)) {
        if (moment.action) {
            acts.push(moment.t);
        }
        const there = new Set<string>();
        for (const subscription of moment.list("Subscription")) {
            const key = `${subscription.metadata.namespace}/${subscription.metadata.name}`;
            there.add(key);
            const verdict = judge(moment, subscription);
            said.set(key, [...(said.get(key) ?? []), { t: moment.t, is: verdict.is, verdict }]);
        }
        for (const [key, list] of said) {
            if (!there.has(key) && list.at(-1)?.is !== "gone") {
                list.push({ t: moment.t, is: "gone" });
            }
        }
    }
    return { said, acts };
}

function changes(list: Said[]): Said[] {
    return list.filter((s, i) => s.is !== list[i - 1]?.is);
}

function inWords(list: Said[]): string {
    const all = changes(list).map(({ t, is }) => (is === "waiting" || is === "gone" ? is : `${is}@${t}`));
    return (all.at(-1) === "gone" ? all.slice(0, -1) : all).join(" ");
}

describe("operator verdict against every recording of the real OLM (traps 1-5, 8-12)", () => {
    it("has an expectation for every recording", () => {
        assert.deepEqual(
            recordings("olm").map((f) => f.replace(".jsonl", "")),
            Object.keys(EXPECTED).sort(),
        );
    });

    for (const [name, expected] of Object.entries(EXPECTED)) {
        it(name, () => {
            const { said } = sayings(`${name}.jsonl`);
            const seen = Object.fromEntries([...said].map(([key, list]) => [key, inWords(list)]));
            assert.deepEqual(seen, expected);
        });
    }

    it("says ready at the very moment at which the CSV succeeds, not when AtLatestKnown does (trap 1)", () => {
        let checked = 0;
        for (const file of recordings("olm")) {
            // Independent of the verdict: when did each CSV turn Succeeded?
            const succeeded = new Map<string, number[]>();
            let phases = new Map<string, string>();
            for (const moment of replayOlm(file)) {
                const now = new Map(
                    moment
                        .list("ClusterServiceVersion")
                        .filter((c) => !isCopy(c))
                        .map((c) => [`${c.metadata.namespace}/${c.metadata.name}`, c.status?.phase as string]),
                );
                for (const [csv, phase] of now) {
                    if (phase === "Succeeded" && phases.get(csv) !== "Succeeded") {
                        succeeded.set(csv, [...(succeeded.get(csv) ?? []), moment.t]);
                    }
                }
                phases = now;
            }
            for (const [key, list] of sayings(file).said) {
                for (const { t, verdict } of changes(list)) {
                    if (verdict?.is === "ready") {
                        const csv = `${key.split("/")[0]}/${verdict.value.csv}`;
                        assert.ok(
                            succeeded.get(csv)?.includes(t),
                            `${file} ${key}: ready at ${t}, ${csv} Succeeded at ${succeeded.get(csv)}`,
                        );
                        checked++;
                    }
                }
            }
        }
        assert.ok(checked > 25, `only ${checked} checked`);
    });

    it("says failed only of what did not heal until a person did something", () => {
        let checked = 0;
        for (const file of recordings("olm")) {
            const { said, acts } = sayings(file);
            for (const [key, list] of said) {
                const all = changes(list);
                all.forEach(({ t, is }, i) => {
                    const next = all[i + 1];
                    if (is === "failed") {
                        const helped = next === undefined || acts.some((a) => a >= t && a <= next.t);
                        assert.ok(helped, `${file} ${key}: failed at ${t}, and ${next?.is} at ${next?.t} by itself`);
                        checked++;
                    }
                });
            }
        }
        assert.ok(checked > 12, `only ${checked} checked`);
    });
});

describe("what the operator verdict says", () => {
    const at = (file: string, subscription: string, is: Verdict<unknown>["is"], nth = 0): Verdict<unknown> => {
        const all = changes(sayings(file).said.get(subscription) ?? []).filter((s) => s.is === is);
        assert.ok(all[nth]?.verdict, `${file}: no ${is}`);
        return all[nth].verdict;
    };
    const problem = (file: string, subscription: string) => {
        const verdict = at(file, subscription, "failed");
        assert.equal(verdict.is, "failed");
        return verdict.problem;
    };

    it("quotes OLM on an orphan CSV and names both ways out (trap 8)", () => {
        const p = problem("h1-delete-sub-recreate-same.jsonl", "openshift-operators/servicemeshoperator");
        assert.equal(p.object, "Subscription openshift-operators/servicemeshoperator");
        assert.equal(p.found, "ResolutionFailed");
        assert.match(p.said, /clusterserviceversion servicemeshoperator.v1.1.7 exists and is not referenced by a subs/);
        const todo = p.todo.join("\n");
        assert.match(todo, /oc delete csv servicemeshoperator\.v1\.1\.7 -n openshift-operators/);
        assert.match(todo, /pulumi config set --path mesh:operators\.servicemeshoperator\.install existing/);
    });

    it("names the neighbour whose fault it is, and that only touching unblocks (trap 3)", () => {
        const p = problem("f2-missing-package-next-to-good.jsonl", "f-ns/jaeger-product");
        assert.match(p.todo.join("\n"), /neighbour Subscription f-ns\/nosuch/);
        assert.match(p.todo.join("\n"), /oc annotate subscriptions\.operators\.coreos\.com jaeger-product -n f-ns/);
    });

    it("names the OperatorGroups where OLM says nothing (trap 5)", () => {
        const none = problem("e1-no-operatorgroup.jsonl", "e-none/jaeger-product");
        assert.match(none.found ?? "", /0 OperatorGroups/);
        assert.equal(none.said, "");
        const two = problem("e2-two-operatorgroups.jsonl", "e-two/jaeger-product");
        assert.match(two.todo.join("\n"), /one, two/);
    });

    it("approves only a plan that holds what was asked for, and names the rest (trap 4)", () => {
        const act = at("d1-manual-and-automatic.jsonl", "openshift-operators/kiali-ossm", "act");
        assert.ok(act.is === "act");
        assert.deepEqual(act.act.csvs, ["kiali-operator.v1.12.15", "servicemeshoperator.v1.1.6"]);
        const p = problem("d2-automatic-added-later-to-manual.jsonl", "openshift-operators/jaeger-product");
        assert.match(p.said, /servicemeshoperator\.v1\.1\.7/);
        assert.doesNotMatch(p.said, /jaeger/);
    });

    it("says what a startingCSV that is not offered should be instead (trap 9)", () => {
        const p = problem("g1-startingcsv-not-in-catalog.jsonl", "f-ns/servicemeshoperator");
        assert.match(p.said, /no operators found with name servicemeshoperator\.v1\.1\.5 in channel stable/);
        assert.match(p.todo.join("\n"), /startingCSV servicemeshoperator\.v1\.1\.5/);
    });

    it("shows the requirement that never comes (trap 12)", () => {
        const last = sayings("i-unavailable-and-missing-requirement.jsonl")
            .said.get("i-hidden/hidden-operator")
            ?.at(-1);
        assert.ok(last?.verdict?.is === "waiting");
        assert.match(last.verdict.why, /absentthings\.absent\.example\.com \(CRD is not present\)/);
    });

    it("shows why the catalogue cannot be read, and waits (trap 11)", () => {
        const list = sayings("j2-catalog-down-cold.jsonl").said.get("openshift-operators/kiali-ossm") ?? [];
        const down = list.find((s) => s.t === 42369);
        assert.ok(down?.verdict?.is === "waiting");
        assert.match(down.verdict.why, /connection refused/);
    });
});
