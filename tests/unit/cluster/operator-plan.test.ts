import assert from "node:assert/strict";
import { type CsvFact, emptyFacts, type PackageFact, type SubscriptionFact } from "../../../cluster/facts";
import { type OperatorPlan, planOperators } from "../../../cluster/operator-plan";
import { loadConfig } from "../../../config/load";
import { describeProblem } from "../../../config/problems";
import { dialects } from "../../../dialects";

const STACK = "organization/mesh/dev";
const configOf = (operators: object = {}) =>
    loadConfig({
        "mesh:generation": "1.1",
        "mesh:operators": JSON.stringify(operators),
        "mesh:controlPlane": JSON.stringify({ name: "basic", namespace: "istio-system" }),
        "mesh:namespaces": "{}",
    });
const specs = dialects["1.1"].operators(configOf());
const OFFER = {
    source: "redhat-operators",
    sourceNamespace: "openshift-marketplace",
    defaultChannel: "stable",
    channels: [
        {
            name: "stable",
            currentCSV: "servicemeshoperator.v1.1.7",
            csvs: ["servicemeshoperator.v1.1.7", "servicemeshoperator.v1.1.6"],
            complete: true,
        },
        {
            name: "1.0",
            currentCSV: "servicemeshoperator.v1.0.11",
            csvs: ["servicemeshoperator.v1.0.11"],
            complete: true,
        },
    ],
};

function subscription(over: Partial<SubscriptionFact> = {}): SubscriptionFact {
    return {
        namespace: "openshift-operators",
        name: "servicemeshoperator",
        source: "redhat-operators",
        sourceNamespace: "openshift-marketplace",
        installedCSV: "servicemeshoperator.v1.1.7",
        ...over,
    };
}

function csv(over: Partial<CsvFact> = {}): CsvFact {
    return {
        namespace: "openshift-operators",
        name: "servicemeshoperator.v1.1.7",
        phase: "Succeeded",
        deleting: false,
        ...over,
    };
}

interface Case {
    options?: object;
    found?: Partial<PackageFact>;
    facts?: Parameters<typeof emptyFacts>[0];
}

/** Only the Service Mesh operator's lot. */
function decide({ options = {}, found = {}, facts = {} }: Case = {}): OperatorPlan {
    const config = configOf({ servicemesh: options });
    const packages = { servicemeshoperator: { subscriptions: [], csvs: [], ...found } };
    return planOperators(
        [{ config, specs: specs.filter((s) => s.key === "servicemesh") }],
        emptyFacts({ packages, ...facts }),
        STACK,
    );
}

const words = (plan: OperatorPlan): string => plan.problems.map((p) => `${p.key}: ${describeProblem(p)}`).join("\n");

describe("what becomes of an operator", () => {
    it("is installed when it is not there", () => {
        const { plan, problems } = decide({ found: { offered: [OFFER] } });
        assert.deepEqual(problems, []);
        assert.equal(plan[0].install?.subscription, "servicemeshoperator");
        assert.equal(plan[0].foreseen, "servicemeshoperator.v1.1.7");
        assert.deepEqual(plan[0].ours, ["servicemeshoperator."]);
        assert.equal(plan[0].install?.ownsNamespace, false, "openshift-operators is never made");
    });

    it("stays ours when it is ours, so that a second run decides the same way", () => {
        const first = decide({ found: { offered: [OFFER] } });
        const second = decide({
            found: { offered: [OFFER], subscriptions: [subscription({ mark: STACK })], csvs: [csv()] },
        });
        assert.deepEqual(second.plan[0].install, first.plan[0].install);
        assert.deepEqual(second.notes, []);
    });

    it("is used and left alone when it is somebody else's, another stack's too", () => {
        for (const mark of [undefined, "organization/mesh/prod"]) {
            const { plan, notes, problems } = decide({
                found: { subscriptions: [subscription({ mark })], csvs: [csv()] },
            });
            assert.deepEqual(problems, []);
            assert.equal(plan[0].install, undefined);
            assert.equal(plan[0].csv, "servicemeshoperator.v1.1.7");
            assert.deepEqual(plan[0].ours, []);
            assert.deepEqual(notes, ["servicemeshoperator is already installed by another team: used, left alone"]);
        }
    });

    it("is looked for in every namespace", () => {
        const found = {
            subscriptions: [subscription({ namespace: "elsewhere" })],
            csvs: [csv({ namespace: "elsewhere" })],
        };
        assert.equal(decide({ found }).plan[0].namespace, "elsewhere");
    });

    it("is refused from another catalogue than configured, and taken when that is named", () => {
        const found = { subscriptions: [subscription({ source: "community-operators" })], csvs: [csv()] };
        assert.match(
            words(decide({ found })),
            /from openshift-marketplace\/community-operators, not from redhat-operators/,
        );
        assert.equal(decide({ found, options: { source: "community-operators" } }).plan.length, 1);
    });

    it("an operator of another package whose CSVs have the same names is neither used nor joined (step 1)", () => {
        for (const install of ["auto", "existing"]) {
            const stranger = csv({ otherPackage: "servicemesh-community" });
            const result = decide({ options: { install }, found: { offered: [OFFER], csvs: [stranger] } });
            assert.deepEqual(result.plan, []);
            assert.match(words(result), /v1\.1\.7 in openshift-operators is of another package, servicemesh-community/);
        }
    });

    it("an orphan CSV stops the run with both ways out; existing uses it (trap 8)", () => {
        const found = { csvs: [csv()] };
        const text = words(decide({ found }));
        assert.match(text, /^mesh:operators\.servicemesh\.install: /);
        assert.match(text, /oc delete csv servicemeshoperator\.v1\.1\.7 -n openshift-operators/);
        assert.match(text, /set this to existing/);
        const { plan } = decide({ found, options: { install: "existing" } });
        assert.equal(plan[0].csv, "servicemeshoperator.v1.1.7");
        assert.equal(decide({ found: { csvs: [csv({ deleting: true })] } }).problems.length, 0, "one that is going");
    });

    it("existing, and nothing there", () => {
        assert.match(words(decide({ options: { install: "existing" } })), /is not installed in this cluster/);
    });

    it("existing, and it is our own", () => {
        const found = { subscriptions: [subscription({ mark: STACK })], csvs: [csv()] };
        assert.match(words(decide({ found, options: { install: "existing" } })), /existing would remove it/);
    });

    it("a channel or startingCSV that is not offered, with what is (trap 9)", () => {
        const found = { offered: [OFFER] };
        assert.match(
            words(decide({ found, options: { channel: "stabel" } })),
            /one of stable, 1\.0; did you mean stable\?/,
        );
        const old = decide({ found, options: { startingCSV: "servicemeshoperator.v1.1.5" } });
        assert.match(words(old), /channel stable offers servicemeshoperator\.v1\.1\.7, servicemeshoperator\.v1\.1\.6/);
        const other = decide({ found, options: { startingCSV: "servicemeshoperator.v1.0.11" } });
        assert.match(words(other), /it is in channel 1\.0/);
        assert.deepEqual(decide({ found: {}, options: { channel: "any" } }).problems, [], "unknown is not refused");
    });

    it("an offer is not asked for again once it is installed", () => {
        const startingCSV = "servicemeshoperator.v1.1.5";
        const own = subscription({ mark: STACK, startingCSV });
        const found = { offered: [OFFER], subscriptions: [own], csvs: [csv()] };
        assert.deepEqual(decide({ found, options: { startingCSV } }).problems, []);
        const changed = decide({ found, options: { startingCSV, channel: "nosuch" } });
        assert.match(words(changed), /channel: nosuch: one of stable, 1\.0/);
    });

    it("says that Automatic does not stay on a startingCSV (trap 2)", () => {
        const options = { startingCSV: "servicemeshoperator.v1.1.6" };
        assert.match(decide({ found: { offered: [OFFER] }, options }).notes.join(), /approval Manual keeps it/);
        const manual = decide({ found: { offered: [OFFER] }, options: { ...options, approval: "Manual" } });
        assert.deepEqual(manual.notes, []);
        assert.deepEqual(manual.plan[0].ours, ["servicemeshoperator.v1.1.6"]);
    });

    it("a catalogue that is not there, or does not offer it, or is down (trap 11)", () => {
        assert.match(words(decide({ facts: { catalogSources: [] } })), /mesh:catalog\.source.*this cluster has none/);
        const community = { ...OFFER, source: "community-operators" };
        assert.match(words(decide({ found: { offered: [community] } })), /community-operators does; to accept that/);
        const down = [{ namespace: "openshift-marketplace", name: "redhat-operators", state: "TRANSIENT_FAILURE" }];
        assert.match(decide({ facts: { catalogSources: down } }).notes.join(), /is TRANSIENT_FAILURE/);
    });

    it("openshift-operators missing, without OperatorGroup, with two, or with a narrow one (trap 5)", () => {
        const group = (name: string, targetNamespaces: string[] = []) => ({ name, targetNamespaces });
        const groups = (...all: object[]) => ({ operatorGroups: { "openshift-operators": all as never } });
        assert.match(words(decide({ facts: { namespaces: {} } })), /openshift-operators does not exist/);
        assert.match(words(decide({ facts: { operatorGroups: {} } })), /has no OperatorGroup/);
        assert.match(words(decide({ facts: groups(group("a"), group("b")) })), /has 2 OperatorGroups \(a, b\)/);
        assert.match(words(decide({ facts: groups(group("a", ["x"])) })), /is only for x/);
    });

    it("two Subscriptions in different namespaces", () => {
        const found = {
            subscriptions: [subscription({ mark: STACK }), subscription({ namespace: "elsewhere" })],
            csvs: [csv(), csv({ namespace: "elsewhere" })],
        };
        assert.match(words(decide({ found })), /openshift-operators\/servicemeshoperator and elsewhere\/service/);
    });

    it("Elasticsearch's namespace and OperatorGroup are made when missing, and recognised as ours", () => {
        const config = configOf();
        const elasticsearch = specs.filter((s) => s.key === "elasticsearch");
        const owned = (facts: Parameters<typeof emptyFacts>[0]) => {
            const { install } = planOperators([{ config, specs: elasticsearch }], emptyFacts(facts), STACK).plan[0];
            return [install?.ownsNamespace, install?.ownsGroup];
        };
        const name = "openshift-operators-redhat";
        const there = { exists: true, terminating: false, labels: {}, annotations: {} };
        assert.deepEqual(owned({}), [true, true]);
        const theirs = { operatorGroups: { [name]: [{ name: "og", targetNamespaces: [] }] } };
        assert.deepEqual(owned({ namespaces: { [name]: there }, ...theirs }), [false, false]);
        const ours = { operatorGroups: { [name]: [{ name, targetNamespaces: [], mark: STACK }] } };
        assert.deepEqual(owned({ namespaces: { [name]: { ...there, mark: STACK } }, ...ours }), [true, true]);
    });

    it("a stack that moves on needs two lots: what both need is decided once, what the next one needs is its own", () => {
        const [mesh, kiali] = ["servicemesh", "kiali"].map((key) => specs.filter((s) => s.key === key)[0]);
        const next = { ...mesh, package: "servicemeshoperator3", csvPrefix: "servicemeshoperator3." };
        const orphan = csv({ name: "servicemeshoperator3.v3.2.0" });
        const packages = { servicemeshoperator3: { subscriptions: [], csvs: [orphan] } };
        const needs = [
            { config: configOf(), specs: [kiali, mesh] },
            { config: configOf(), specs: [kiali, next] },
        ];
        const { plan, problems } = planOperators(needs, emptyFacts({ packages }), STACK);
        assert.deepEqual(
            plan.map((p) => p.operator.package),
            ["kiali-ossm", "servicemeshoperator"],
        );
        assert.deepEqual(
            problems.map((p) => p.key),
            ["mesh:next.operators.servicemesh.install"],
        );
    });
});
