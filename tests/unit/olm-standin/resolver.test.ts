import assert from "node:assert/strict";
import { resolve, waitsForPlan } from "../../../lab/standins/olm/resolver";
import type { KubeObject } from "../../../kube";
import { csv, NAMESPACE, packages, subscription } from "./builders";

const AT = `@existing/${NAMESPACE}//`;
const STABLE = "redhat-operators/openshift-marketplace/stable/";

function pass(subscriptions: KubeObject[], csvs: KubeObject[] = [], offered = packages({ testPackages: true })) {
    return resolve({ namespace: NAMESPACE, subscriptions, csvs, packages: offered });
}

function words(...args: Parameters<typeof pass>): string[] {
    const result = pass(...args);
    assert.equal(result.is, "unsatisfiable");
    return result.is === "unsatisfiable" ? result.messages : [];
}

function installs(...args: Parameters<typeof pass>): string[] {
    const result = pass(...args);
    assert.equal(result.is, "solved");
    return result.is === "solved" ? result.install.map((pick) => pick.bundle.csv) : [];
}

describe("OLM stand-in: resolver", () => {
    it("takes the channel's head, or the startingCSV", () => {
        assert.deepEqual(installs([subscription("kiali-ossm")]), ["kiali-operator.v1.12.15"]);
        const starting = { startingCSV: "servicemeshoperator.v1.1.6" };
        assert.deepEqual(installs([subscription("servicemeshoperator", { spec: starting })]), [
            "servicemeshoperator.v1.1.6",
        ]);
    });

    it("never takes the Community operator of a like name", () => {
        assert.match(words([subscription("kiali")])[0], /no operators found in package kiali in the catalog/);
    });

    it("makes one decision for all Subscriptions of the namespace (trap 4)", () => {
        const names = installs([subscription("jaeger-product"), subscription("kiali-ossm")]);
        assert.deepEqual(names.sort(), ["jaeger-operator.v1.17.4", "kiali-operator.v1.12.15"]);
    });

    it("gives two Subscriptions of one package the same version (trap 6)", () => {
        const result = pass([subscription("kiali-ossm", { name: "a" }), subscription("kiali-ossm", { name: "b" })]);
        assert.ok(result.is === "solved");
        assert.equal(result.install.length, 1);
        assert.deepEqual(
            result.updates.map((u) => u.csv),
            ["kiali-operator.v1.12.15", "kiali-operator.v1.12.15"],
        );
    });

    it("upgrades what is installed, and leaves alone what is newest", () => {
        const at = (name: string) => ({ status: { currentCSV: name, installedCSV: name, state: "AtLatestKnown" } });
        const old = subscription("servicemeshoperator", at("servicemeshoperator.v1.1.6"));
        assert.deepEqual(installs([old], [csv("servicemeshoperator.v1.1.6")]), ["servicemeshoperator.v1.1.7"]);
        const newest = subscription("servicemeshoperator", at("servicemeshoperator.v1.1.7"));
        const result = pass([newest], [csv("servicemeshoperator.v1.1.7")]);
        assert.ok(result.is === "solved");
        assert.deepEqual([result.install, result.updates], [[], []]);
    });

    it("says what is missing as OLM does (trap 9; recorded: olm f2, g1, g2)", () => {
        const sub = (spec: object) => words([subscription("servicemeshoperator", { spec })])[0];
        const by = "referenced by subscription servicemeshoperator, subscription servicemeshoperator exists";
        assert.equal(
            words([subscription("no-such-package", { name: "nosuch" }), subscription("jaeger-product")])[0],
            "constraints not satisfiable: no operators found in package no-such-package in the catalog referenced by " +
                "subscription nosuch, subscription nosuch exists",
        );
        assert.equal(
            sub({ startingCSV: "servicemeshoperator.v1.1.5" }),
            "constraints not satisfiable: no operators found with name servicemeshoperator.v1.1.5 in channel stable " +
                `of package servicemeshoperator in the catalog ${by}`,
        );
        assert.equal(
            sub({ channel: "nochannel" }),
            "constraints not satisfiable: no operators found in channel nochannel of package servicemeshoperator in " +
                `the catalog ${by}`,
        );
        assert.equal(
            sub({ source: "nocatalog" }),
            "constraints not satisfiable: no operators found from catalog nocatalog in namespace " +
                "openshift-marketplace " +
                by,
        );
    });

    it("refuses a startingCSV that the catalogue no longer has (trap 9)", () => {
        const offered = packages({ removedVersions: ["servicemeshoperator.v1.1.6"] });
        const spec = { startingCSV: "servicemeshoperator.v1.1.6" };
        assert.match(
            words([subscription("servicemeshoperator", { spec })], [], offered)[0],
            /no operators found with name/,
        );
    });

    it("does not adopt an orphan CSV (trap 8; recorded: olm h1, h2)", () => {
        const orphan =
            "exists and is not referenced by a subscription, subscription servicemeshoperator exists, " +
            "subscription servicemeshoperator";
        assert.deepEqual(words([subscription("servicemeshoperator")], [csv("servicemeshoperator.v1.1.7")]), [
            `constraints not satisfiable: ${AT}servicemeshoperator.v1.1.7, ${STABLE}servicemeshoperator.v1.1.6 and ` +
                `${STABLE}servicemeshoperator.v1.1.7 originate from package servicemeshoperator, ` +
                `clusterserviceversion servicemeshoperator.v1.1.7 ${orphan} requires at least one of ` +
                `${STABLE}servicemeshoperator.v1.1.7 or ${STABLE}servicemeshoperator.v1.1.6`,
            `constraints not satisfiable: ${AT}servicemeshoperator.v1.1.7, ${STABLE}servicemeshoperator.v1.1.6 and ` +
                `${STABLE}servicemeshoperator.v1.1.7 provide ServiceMeshControlPlane (maistra.io/v1), ` +
                `clusterserviceversion servicemeshoperator.v1.1.7 ${orphan} requires at least one of ` +
                `${STABLE}servicemeshoperator.v1.1.7 or ${STABLE}servicemeshoperator.v1.1.6`,
        ]);
        const manual = subscription("servicemeshoperator", { spec: { startingCSV: "servicemeshoperator.v1.1.6" } });
        assert.equal(
            words([manual], [csv("servicemeshoperator.v1.1.6")])[0],
            `constraints not satisfiable: ${AT}servicemeshoperator.v1.1.6 and ${STABLE}servicemeshoperator.v1.1.6 ` +
                "originate from package servicemeshoperator, " +
                `clusterserviceversion servicemeshoperator.v1.1.6 ${orphan} requires ` +
                `${STABLE}servicemeshoperator.v1.1.6`,
        );
    });

    it("finds both versions of an upgrade contradictory while both exist (trap 12; recorded: olm c)", () => {
        const name = "servicemeshoperator.v1.1.7";
        const sub = subscription("servicemeshoperator", { status: { currentCSV: name, installedCSV: name } });
        assert.equal(
            words([sub], [csv("servicemeshoperator.v1.1.6"), csv(name)])[0],
            `constraints not satisfiable: ${AT}servicemeshoperator.v1.1.6 and ${AT}${name} originate from package ` +
                "servicemeshoperator, clusterserviceversion servicemeshoperator.v1.1.6 exists and is not " +
                "referenced by a subscription, subscription servicemeshoperator exists, " +
                `subscription servicemeshoperator requires ${AT}${name}`,
        );
    });

    it("leaves orphans of other packages out of it", () => {
        assert.deepEqual(installs([subscription("jaeger-product")], [csv("servicemeshoperator.v1.1.7")]), [
            "jaeger-operator.v1.17.4",
        ]);
    });

    it("knows requirements that the catalogue declares, and only those (recorded: olm i)", () => {
        assert.equal(
            words([subscription("needer-operator")])[0],
            "constraints not satisfiable: bundle needer-operator.v1.0.0 requires an operator providing an API with " +
                "group: absent.example.com, version: v1, kind: AbsentThing, " +
                "subscription needer-operator exists, subscription " +
                `needer-operator requires ${STABLE}needer-operator.v1.0.0`,
        );
        assert.deepEqual(installs([subscription("hidden-operator")]), ["hidden-operator.v1.0.0"]);
    });

    it("looks at nothing new while a plan is open (trap 8)", () => {
        const status = { state: "UpgradePending", installPlanRef: { name: "install-abcde" } };
        assert.equal(waitsForPlan(subscription("kiali-ossm", { status })), true);
        assert.equal(
            waitsForPlan(subscription("kiali-ossm", { status: { ...status, state: "AtLatestKnown" } })),
            false,
        );
        assert.equal(waitsForPlan(subscription("kiali-ossm")), false);
    });
});
