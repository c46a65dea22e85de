import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { Kube, type KubeObject } from "../../kube";
import { down, type Lab, up } from "../../lab";
import { configOf } from "../../scripts/acts";
import { labSettings } from "../../scripts/lab-release";
import { labWays } from "../../scripts/lab-ways";
import { verify } from "../../verify/verify";
import { eventually } from "../lab/wait";
import { skip } from "../skip";
import { APPS, caller, GUARDED, inWords, isAnswered } from "./answers";
import { accountsOf, openAs } from "./as";
import { ROUTE } from "./kinds";
import { Requests } from "./load";
import { snapshot } from "./snapshot";
import { changesOf, fileOf, type Stack } from "./stack";
import { MARK } from "./theirs";

const WAY_IN = "istio-system-ingress";
const by = (api: string) => ({ "mesh:controlPlane.gateways.ingress.api": api, "mesh:protect": "false" });
const BY_API = by("gateway-api");

describe("prod with its gateway by the Gateway API, with requests on real Envoys", function () {
    this.timeout(300_000);
    const labName = `gateway-api-${process.pid}`;
    const file = fileOf("prod");
    const signal = new AbortController().signal;
    let lab: Lab;
    let kube: Kube;
    let verifier: Kube;
    let stack: Stack;
    let requests: Requests | undefined;
    let outputs: Record<string, unknown> = {};
    let atFirst: string[];

    before(async function () {
        // The first start on a machine may build the control plane.
        this.timeout(20 * 60_000);
        const settings = { timeScale: 0.05, ...labSettings(configOf(file, BY_API)) };
        lab = await up({ name: labName, settings, endsWith: process.pid });
        if (lab.router === undefined) {
            skip(this, `there is no data plane: ${lab.noRouter}`);
        }
        kube = Kube.load({ kubeconfig: lab.kubeconfig });
        atFirst = await inWayIn();
        // Whoever works with it has the roles of both ways, and no other rights.
        const accounts = await accountsOf(lab, kube, "prod", { also: [byApi()] });
        stack = await openAs(accounts, "prod");
        verifier = Kube.load({ kubeconfig: accounts.verifier });
    });
    after(async () => {
        await requests?.stop();
        await down(labName);
    });

    /** The stack's file as it would be with the Gateway API. */
    function byApi(): string {
        const content = parse(readFileSync(file, "utf8"));
        content.config["mesh:controlPlane"].gateways.ingress.api = "gateway-api";
        const path = join(lab.home, "Pulumi.prod.yaml");
        writeFileSync(path, stringify(content));
        return path;
    }

    /** What the gateway is made of, whoever made it. */
    async function inWayIn(): Promise<string[]> {
        const found = await snapshot(kube, ({ metadata }: KubeObject) => metadata.namespace === WAY_IN);
        return [...found.keys()].filter((object) =>
            /^(Deployment|Service|ServiceAccount|Gateway|ConfigMap) /.test(object),
        );
    }

    const served = (config: Record<string, string>): void => {
        for (const answer of GUARDED) {
            it(`${answer[0]}: ${inWords(answer[3])}`, () => isAnswered(lab, answer, signal));
        }

        it("verify says the same, of every object and of every request", async () => {
            const checks = await verify({
                kube: verifier,
                config: configOf(file, config),
                outputs,
                ways: { ...labWays(lab, outputs), patienceMs: 30_000, signal },
            });
            assert.deepEqual(
                checks.filter((c) => c.result !== "passed"),
                [],
            );
            const about = checks.map(({ subject }) => subject);
            const gateway = `Gateway ${WAY_IN}/istio-ingressgateway`;
            assert.equal(about.includes(gateway), config === BY_API);
            assert.equal(about.includes(`HTTPRoute ${APPS}/caller`), config === BY_API);
        });
    };

    const settled = (config: Record<string, string>): void => {
        it("a second run finds nothing to do", async () => {
            assert.deepEqual(changesOf(await stack.preview({ config, expectNoChanges: true })), []);
        });
    };

    describe("up", () => {
        before(async () => void ({ outputs } = await stack.up({ config: BY_API })));
        served(BY_API);
        settled(BY_API);

        it("istiod has made what this stack has not", async () => {
            const made = (await inWayIn()).filter((object) => object.includes("istio-ingressgateway-istio"));
            assert.deepEqual(made.map((object) => object.split(" ")[0]).sort(), [
                "Deployment",
                "Service",
                "ServiceAccount",
            ]);
            const deployment = await kube.get({
                apiVersion: "apps/v1",
                kind: "Deployment",
                namespace: WAY_IN,
                name: "istio-ingressgateway-istio",
            });
            const [{ resources }] = deployment?.spec.template.spec.containers ?? [];
            assert.deepEqual(resources.requests, { cpu: "200m", memory: "256Mi" }, "as the config wants them");
            assert.equal(deployment?.metadata.annotations?.[MARK], undefined, "it is not this stack's own");
        });
    });

    describe("the way is changed, to Istio's own kinds", () => {
        before(async () => void ({ outputs } = await stack.up({ config: by("istio") })));
        served(by("istio"));
        settled(by("istio"));

        it("of the other way nothing is left", async () => {
            await eventually(
                "what istiod made has gone",
                async () => !(await inWayIn()).some((object) => object.includes("-istio")) || undefined,
                60,
            );
        });
    });

    describe("and back", () => {
        before(async () => {
            requests = new Requests(() => lab, [{ client: caller, path: "/api/caller/apply" }]);
            requests.say("while it changes");
            ({ outputs } = await stack.up({ config: BY_API }));
        });
        served(BY_API);

        it("no request is lost while the gateway is another one", async () => {
            await eventually(
                "requests",
                async () => (requests?.answered["while it changes"] ?? 0) >= 20 || undefined,
                60,
            );
            await requests?.stop();
            assert.deepEqual(requests?.lost, []);
        });

        it("its Routes are those that were there, and lead to the other one", async () => {
            const routes = await kube.list(ROUTE, { namespace: WAY_IN });
            assert.deepEqual([...new Set(routes.map(({ spec }) => spec.to.name))], ["istio-ingressgateway-istio"]);
        });
    });

    describe("destroy", () => {
        before(() => stack.destroy());

        it("leaves nothing of it, nor of what istiod made for it", async () => {
            const left = await snapshot(kube, (object) => object.metadata.annotations?.[MARK] !== undefined);
            assert.deepEqual([...left.keys()], []);
            assert.deepEqual(await stack.engine.state(), []);
            assert.deepEqual(await inWayIn(), atFirst);
            assert.equal(await kube.get({ apiVersion: "v1", kind: "Namespace", name: WAY_IN }), undefined);
        });
    });
});
