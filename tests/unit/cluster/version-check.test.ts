import assert from "node:assert/strict";
import { type ClusterFacts, emptyFacts } from "../../../cluster/facts";
import { type PlannedOperator, planOperators } from "../../../cluster/operator-plan";
import { checkVersion } from "../../../cluster/version-check";
import { loadConfig } from "../../../config/load";
import { type Problem, describeProblem } from "../../../config/problems";
import type { MeshConfig } from "../../../config/schema";
import { type Dialect, dialects } from "../../../dialects";

const STACK = "organization/mesh/dev";
const CONFIG = loadConfig({ "mesh:generation": "1.1", "mesh:namespaces": "{}" });

/** A dialect that asks for this version, and whose releases take what `releases` says. */
function dialectOf(version: string | undefined, packageName: string, releases: Record<string, string[]> = {}): Dialect {
    const [first] = dialects["1.1"].operators(CONFIG).filter((o) => o.key === "servicemesh");
    const sail = packageName === "servicemeshoperator3";
    return {
        ...dialects["1.1"],
        version: () => version,
        versionsOf: (csv) => releases[csv],
        operators: () => [{ ...first, package: packageName, csvPrefix: `${packageName}.`, after: [] }],
        controlPlane: (config: MeshConfig) =>
            sail
                ? [
                      {
                          name: "default",
                          apiVersion: "sailoperator.io/v1",
                          kind: "Istio",
                          metadata: { name: "default" },
                          body: {},
                      },
                  ]
                : dialects["1.1"].controlPlane(config),
    };
}

function check(dialect: Dialect, facts: Partial<ClusterFacts>, path?: string[]): Problem[] {
    const all = emptyFacts(facts);
    const specs = dialect.operators(CONFIG);
    const { plan } = planOperators([{ config: CONFIG, specs }], all, STACK);
    return checkVersion(dialect, CONFIG, all, plan as PlannedOperator[], path);
}

const installed = (packageName: string, csv: string): ClusterFacts["packages"] => ({
    [packageName]: {
        subscriptions: [
            {
                namespace: "openshift-operators",
                name: packageName,
                source: "redhat-operators",
                sourceNamespace: "openshift-marketplace",
                installedCSV: csv,
                mark: STACK,
            },
        ],
        csvs: [{ namespace: "openshift-operators", name: csv, phase: "Succeeded", deleting: false }],
    },
});

const offered = (packageName: string, csv: string): ClusterFacts["packages"] => ({
    [packageName]: {
        subscriptions: [],
        csvs: [],
        offered: [
            {
                source: "redhat-operators",
                sourceNamespace: "openshift-marketplace",
                defaultChannel: "stable",
                channels: [{ name: "stable", currentCSV: csv, csvs: [csv], complete: true }],
            },
        ],
    },
});

const SAIL = "servicemeshoperator3";
const CSV3 = "servicemeshoperator3.v3.2.0";

describe("the control plane's version, before anything is made (traps 17, 34, 43)", () => {
    const taken = { "servicemeshoperator.v2.5.1": ["v2.4", "v2.5"] };

    it("refuses what the release that is installed does not take, and says what it takes", () => {
        const dialect = dialectOf("v2.6", "servicemeshoperator", taken);
        const packages = installed("servicemeshoperator", "servicemeshoperator.v2.5.1");
        const [problem, ...others] = check(dialect, { packages });
        assert.deepEqual(others, []);
        assert.equal(problem.key, "mesh:controlPlane.version");
        assert.equal(problem.found, "v2.6");
        assert.equal(problem.allowed, "v2.4, v2.5");
        assert.match(describeProblem(problem), /servicemeshoperator\.v2\.5\.1 does not take v2\.6/);
    });

    it("the same of a release that is yet to be installed", () => {
        const dialect = dialectOf("v2.6", "servicemeshoperator", taken);
        const packages = offered("servicemeshoperator", "servicemeshoperator.v2.5.1");
        assert.equal(check(dialect, { packages }).length, 1);
        assert.deepEqual(check(dialectOf("v2.5", "servicemeshoperator", taken), { packages }), []);
    });

    it("says nothing of a release that nobody knows, or when no version is asked for", () => {
        const packages = offered("servicemeshoperator", "servicemeshoperator.v2.9.0");
        assert.deepEqual(check(dialectOf("v2.6", "servicemeshoperator", taken), { packages }), []);
        const known = offered("servicemeshoperator", "servicemeshoperator.v2.5.1");
        assert.deepEqual(check(dialectOf(undefined, "servicemeshoperator", taken), { packages: known }), []);
    });

    it("generation 3: what the CRD of the installed operator enumerates counts before what is known of its release", () => {
        const packages = installed(SAIL, CSV3);
        const dialect = dialectOf("v1.28.0", SAIL, { [CSV3]: ["v1.28.0"] });
        const [problem] = check(dialect, { packages, istioVersions: ["v1.27.9", "v1.26.8"] });
        assert.equal(problem?.allowed, "v1.27.9, v1.26.8");
        assert.deepEqual(check(dialect, { packages }), [], "the CRD could not be read");
    });

    it("generation 3: a CRD that an earlier operator left behind says nothing of the one to come", () => {
        const packages = offered(SAIL, CSV3);
        const dialect = dialectOf("v1.27.9", SAIL, { [CSV3]: ["v1.27.9"] });
        assert.deepEqual(check(dialect, { packages, istioVersions: ["v1.24.6"] }), []);
    });

    it("names the key of the mesh that it is about", () => {
        const dialect = dialectOf("v1.99.0", SAIL);
        const facts = { packages: installed(SAIL, CSV3), istioVersions: ["v1.27.9"] };
        assert.equal(check(dialect, facts, ["next"])[0].key, "mesh:next.controlPlane.version");
    });
});
