import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { emptyFacts } from "../../../cluster/facts";
import { loadConfig } from "../../../config/load";
import { ConfigError, describeProblem } from "../../../config/problems";
import { readStackFile } from "../../../config/stack-file";
import { renderConfig } from "../../../render/render";
import { decide, looksAt } from "../../../stacks/plan";
import { platformStack } from "../../../stacks/platform-reference";
import { parted, PLATFORM, type Raw } from "./parted";

const ROOT = resolve(__dirname, "../../..");
const MARK = "organization/mesh/shop";
const file = (stack: string): Raw => readStackFile(join(ROOT, `Pulumi.${stack}.yaml`));

describe("what a part may not say", () => {
    const whole = file("prod");
    const two = parted(whole);
    let told: Record<string, unknown>;
    before(async () => (told = (await renderConfig("platform", loadConfig(two.platform))).outputs));

    const problems = (raw: Raw): string[] => {
        try {
            const { platform } = platformStack(PLATFORM, told);
            loadConfig(raw, raw["mesh:part"] === "workloads" ? { platform } : {});
            return [];
        } catch (error) {
            assert.ok(error instanceof ConfigError, String(error));
            return error.problems.map((p) => `${p.key}: ${describeProblem(p)}`);
        }
    };
    const cases: [string, Raw, RegExp[]][] = [
        [
            "a platform that moves on",
            {
                ...parted(file("staging")).platform,
                "mesh:operators": "{}",
                "mesh:next": JSON.stringify({
                    generation: "3",
                    controlPlane: { name: "v3", consoles: ["kiali"], tracing: { enabled: false, backend: "tempo" } },
                }),
            },
            [/^mesh:next: 3: nothing with part: platform/],
        ],
        [
            "a platform of another platform",
            { ...two.platform, "mesh:platform": PLATFORM },
            [/^mesh:platform: .*did you mean part: workloads\?/],
        ],
        ["no platform", { ...two.workloads, "mesh:platform": "" }, [/^mesh:platform: missing: the full name/]],
        [
            "a platform by its short name",
            { ...two.workloads, "mesh:platform": "platform" },
            [/^mesh:platform: platform: .*did you mean organization\/mesh\/platform\?/],
        ],
        [
            "what is the platform's, all at once",
            {
                ...two.workloads,
                "mesh:uniqueNames": "true",
                "mesh:protect": "true",
                "mesh:catalog": '{"source":"mine"}',
                "mesh:operators": '{"kiali":{"channel":"stable"}}',
                "mesh:controlPlane": '{"mtls":"off"}',
            },
            ["uniqueNames", "protect", "catalog", "operators", "controlPlane"].map(
                (key) => new RegExp(`^mesh:${key}: given: nothing with part: workloads; it is the platform's to say`),
            ),
        ],
        [
            "another generation",
            { ...two.workloads, "mesh:generation": "2.6" },
            [/^mesh:generation: the mesh of .* is of generation 3, not 2\.6/],
        ],
        ["a roll", { ...two.workloads, "mesh:membership": "roll" }, [/^mesh:membership: roll: labels/]],
        [
            "answers for Routes of a namespace that the platform takes in",
            { ...two.workloads, "mesh:namespaces": whole["mesh:namespaces"] },
            [/existingRoutes: given: nothing: organization\/mesh\/platform takes microsvc-sample in/],
        ],
    ];
    for (const [what, raw, expected] of cases) {
        it(what, () => {
            const found = problems(raw);
            for (const words of expected) {
                assert.ok(
                    found.some((line) => words.test(line)),
                    `${words} is not in:\n${found.join("\n")}`,
                );
            }
            assert.equal(found.length, expected.length, found.join("\n"));
        });
    }

    it("what Pulumi.yaml gives to keys that nobody gave is not theirs", () => {
        const defaults = {
            "mesh:uniqueNames": "false",
            "mesh:protect": "false",
            "mesh:catalog": '{"source":"redhat-operators","sourceNamespace":"openshift-marketplace"}',
            "mesh:operators": "{}",
            "mesh:controlPlane": "{}",
            "mesh:membership": "",
            "mesh:next": "{}",
        };
        assert.deepEqual(problems({ ...defaults, ...two.workloads }), []);
    });

    describe("a stack that is no platform", () => {
        const said = (outputs: Record<string, unknown>): string => {
            try {
                platformStack(PLATFORM, outputs);
                return "";
            } catch (error) {
                return (error as Error).message;
            }
        };
        it("was never brought up", () =>
            assert.match(said({}), /has not been brought up; nothing was touched\n.*pulumi up -s platform/));
        it("is whole", () => assert.match(said({ controlPlane: {} }), /is not a platform/));
        it("is another release's", () => assert.match(said({ platform: { generation: "9" } }), /another release/));
    });

    describe("on the cluster", () => {
        const refused = (raw: Raw, more: Parameters<typeof emptyFacts>[0]): string => {
            const { platform } = platformStack(PLATFORM, told);
            const config = loadConfig(raw, raw["mesh:part"] === "workloads" ? { platform } : {});
            const packages = Object.fromEntries(
                looksAt(config, MARK).packages.map((p) => [p.package, { subscriptions: [], csvs: [] }]),
            );
            try {
                decide(config, emptyFacts({ packages, ...more }), MARK);
                return "";
            } catch (error) {
                return (error as Error).message;
            }
        };
        const there = { "microsvc-sample": { exists: true, terminating: false, labels: {}, annotations: {} } };
        const deployment = {
            namespace: "microsvc-sample",
            kind: "Deployment" as const,
            name: "sample",
            containers: [],
        };

        it("a platform may have services of its own too", async () => {
            assert.equal(
                refused({ ...whole, "mesh:part": "platform" }, { workloads: [{ ...deployment, mark: MARK }] }),
                "",
            );
        });

        it("a platform lets go of no service that is still its own", () => {
            const words =
                /mesh:namespaces\.microsvc-sample\.services .*Deployment microsvc-sample\/sample is still this stack's, and would be deleted/;
            assert.match(refused(two.platform, { workloads: [{ ...deployment, mark: MARK }] }), words);
            assert.equal(
                refused(two.platform, { workloads: [{ ...deployment, mark: "organization/mesh/other" }] }),
                "",
            );
        });

        it("the namespace of a workloads stack must be there", () => {
            assert.match(refused(two.workloads, {}), /there is no namespace microsvc-sample.*oc new-project/);
            assert.equal(refused(two.workloads, { namespaces: there }), "");
        });

        it("what was the platform's before they were parted is the stack's own; what is others' is not", () => {
            const route = (mark: string) => ({
                namespace: "istio-system-ingress",
                name: "microsvc-sample-sample",
                host: "sample.apps.example.com",
                to: "istio-ingressgateway",
                labels: {},
                admitted: true,
                mark,
            });
            assert.equal(refused(two.workloads, { namespaces: there, routes: [route(PLATFORM)] }), "");
            const theirs = refused(two.workloads, { namespaces: there, routes: [route("organization/mesh/other")] });
            assert.match(theirs, /sample\.apps\.example\.com is held by Route istio-system-ingress/);
        });
    });
});
