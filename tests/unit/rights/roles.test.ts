import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { readStackFile } from "../../../config/stack-file";
import { environments } from "../../../review/golden";
import { type Rule } from "../../../rights/role";
import { type Role, type RoleOf, rolesOf, type StackRoles } from "../../../rights/roles";
import { yamlOf } from "../../../rights/yaml";
import { parted } from "../stacks/parted";

const READS = ["get", "list"];

/**
 * What is changed or taken away without a name: OLM's names hold versions and random letters, those of ConfigMaps a digest of
 * what is in them, and whoever enrols a namespace is asked about its pods in general.
 */
const NAMELESS = [
    /^operators.coreos.com\/(clusterserviceversions|installplans)$/,
    /^\/(configmaps|pods)$/,
    /custom-host$/,
];

const of = (roles: StackRoles, whose: RoleOf): Role[] => roles.roles.filter((role) => role.of === whose);
const rules = (all: Role[]): Rule[] => all.flatMap((role) => role.rules);
const resources = (rule: Rule): string[] => rule.resources.map((resource) => `${rule.apiGroups[0]}/${resource}`);
const wide = (all: Role[]): Role[] => all.filter(({ namespace }) => namespace === undefined);

describe("the roles of an environment", function () {
    this.timeout(120_000);

    for (const stack of environments()) {
        describe(stack, () => {
            let made: StackRoles;
            let given: StackRoles;
            before(async () => {
                made = await rolesOf(stack);
                given = await rolesOf(stack, { given: true });
            });

            it("hold no wildcard, and nothing twice", () => {
                for (const role of [...made.roles, ...given.roles]) {
                    const text = JSON.stringify(role.rules);
                    assert.ok(!text.includes('"*"'), text);
                    const keys = role.rules.map(({ why: _, ...rule }) => JSON.stringify(rule));
                    assert.equal(new Set(keys).size, keys.length);
                }
            });

            it("previewer and verifier change nothing, and read no Secret", () => {
                for (const rule of rules([...of(made, "previewer"), ...of(made, "verifier")])) {
                    assert.ok(
                        rule.verbs.every((verb) => READS.includes(verb)),
                        JSON.stringify(rule),
                    );
                    assert.ok(!rule.resources.includes("secrets"), JSON.stringify(rule));
                }
            });

            it("what is changed and taken away is so by its name", () => {
                for (const rule of rules([...of(made, "deployer"), ...of(given, "deployer")])) {
                    const writes = rule.verbs.some((verb) => !["get", "list", "watch", "create"].includes(verb));
                    const named = rule.resourceNames !== undefined;
                    const excused = resources(rule).every((resource) => NAMELESS.some((one) => one.test(resource)));
                    assert.ok(!writes || named || excused, JSON.stringify(rule));
                }
            });

            it("deploying includes previewing", () => {
                const verbsOf = (all: Role[], resource: string): Set<string> =>
                    new Set(rules(all).flatMap((r) => (resources(r).includes(resource) ? r.verbs : [])));
                for (const resource of new Set(rules(of(made, "previewer")).flatMap(resources))) {
                    const may = verbsOf(of(made, "deployer"), resource);
                    for (const verb of verbsOf(of(made, "previewer"), resource)) {
                        assert.ok(may.has(verb), `${verb} ${resource}`);
                    }
                }
            });

            it("where namespaces are given, nothing within one may be written in another, and none be made", () => {
                const inNamespaces = [
                    "",
                    "apps",
                    "operators.coreos.com",
                    "networking.k8s.io",
                    "maistra.io",
                    "route.openshift.io",
                ];
                for (const rule of rules(wide(of(given, "deployer")))) {
                    const writes = rule.verbs.some((verb) => ["create", "delete"].includes(verb));
                    assert.ok(!writes || !inNamespaces.includes(rule.apiGroups[0]), JSON.stringify(rule));
                    assert.ok(!rule.resources.includes("secrets"), JSON.stringify(rule));
                }
                assert.ok(given.namespaces.some(({ name }) => name === "istio-system"));
            });

            it("are the same whenever they are rendered", async () => {
                assert.equal(yamlOf(await rolesOf(stack)), yamlOf(made));
            });
        });
    }

    it("a namespace that is given to an operator is what the operator wants", async () => {
        const { namespaces } = await rolesOf("dev", { given: true });
        assert.deepEqual(namespaces, [
            { name: "istio-system" },
            {
                name: "openshift-operators-redhat",
                labels: { "openshift.io/cluster-monitoring": "true" },
                annotations: { "openshift.io/node-selector": "" },
            },
        ]);
    });

    it("only a stack that makes Secrets has a role for reading them, by name", async () => {
        assert.deepEqual(of(await rolesOf("dev"), "previewer-secrets"), []);
        const [role] = of(await rolesOf("prod"), "previewer-secrets");
        assert.deepEqual(
            role.rules.map(({ resources: r, resourceNames, verbs }) => ({ r, resourceNames, verbs })),
            [{ r: ["secrets"], resourceNames: ["kiali-default-signing-key"], verbs: ["get"] }],
        );
    });
});

describe("rights that come of what a stack is", function () {
    this.timeout(120_000);
    const folder = mkdtempSync(join(tmpdir(), "roles-"));
    after(() => rmSync(folder, { recursive: true }));

    /** A stack file in a folder of its own. */
    const write = (name: string, config: Record<string, unknown>): string => {
        const file = join(folder, `Pulumi.${name}.yaml`);
        writeFileSync(file, stringify({ config }));
        return file;
    };
    const changed = (stack: string, change: (config: Record<string, any>) => void): Record<string, any> => {
        const { config } = parse(readFileSync(`Pulumi.${stack}.yaml`, "utf8"));
        change(config);
        return config;
    };
    const mayDo = (all: Role[], verb: string, resource: string): Rule[] =>
        rules(all).filter((r) => resources(r).includes(resource) && r.verbs.includes(verb as never));

    it("a stack in another one's mesh is previewed and deployed with rights in namespaces alone", async () => {
        for (const stack of environments()) {
            const raw = parted(readStackFile(`Pulumi.${stack}.yaml`));
            const file = write("shop", plain(raw.workloads));
            write("platform", plain(raw.platform));
            const roles = await rolesOf("shop", { file });
            const all = [...of(roles, "previewer"), ...of(roles, "deployer")];
            assert.deepEqual(wide(all), [], stack);
            const namespaces = new Set(all.map(({ namespace }) => namespace));
            assert.ok(namespaces.has("microsvc-sample"));
            // The namespace itself is known by its name.
            const [own] = mayDo(of(roles, "previewer"), "get", "/namespaces");
            assert.deepEqual(own.resourceNames, ["microsvc-sample"]);
        }
    });

    it("one that joins by itself may use the control plane", async () => {
        const config = changed("staging", (c) => (c["mesh:membership"] = "member"));
        const [use] = mayDo(
            of(await rolesOf("joins", { file: write("joins", config) }), "deployer"),
            "use",
            CONTROL_PLANES,
        );
        assert.deepEqual(use.resourceNames, ["basic"]);
    });

    it("one that moves on may take over what the old mesh left, with escalate on those names alone", async () => {
        const next = {
            generation: "3",
            controlPlane: { name: "v3", consoles: ["kiali"], tracing: { backend: "tempo" } },
        };
        const moving = changed("staging", (c) => (c["mesh:next"] = next));
        const roles = of(await rolesOf("moves", { file: write("moves", moving) }), "deployer");
        const escalations = rules(roles).filter((r) => r.verbs.includes("escalate"));
        assert.ok(escalations.length > 0);
        assert.ok(escalations.every((r) => r.resourceNames?.every((name) => name.startsWith("istio-"))));
        assert.deepEqual(
            rules(of(await rolesOf("prod"), "deployer")).filter((r) => r.verbs.includes("escalate")),
            [],
        );
    });

    it("a name that is known only later is no name to narrow by", async () => {
        const config = changed("dev", (c) => (c["mesh:uniqueNames"] = true));
        const roles = await rolesOf("unique", { file: write("unique", config) });
        assert.doesNotMatch(yamlOf(roles), /x7k2/);
        assert.ok(mayDo(of(roles, "deployer"), "delete", "/namespaces").length > 0);
    });

    it("both what the stack was and what it will be, for the update from one to the other", async () => {
        const config = changed("dev", (c) => {
            const { services, existingRoutes } = c["mesh:namespaces"]["microsvc-sample"];
            existingRoutes.sample = "cut-off";
            services.welcome = { ...services.caller, host: "welcome.apps.example.com" };
            delete services.sample;
            services.caller.properties = {};
        });
        const file = write("dev", config);
        const names = async (also?: string[]): Promise<string[] | undefined> =>
            mayDo(of(await rolesOf("dev", { file, also }), "deployer"), "delete", "apps/deployments")[0].resourceNames;
        assert.deepEqual(await names(), ["caller", "welcome"]);
        assert.deepEqual(await names(["Pulumi.dev.yaml"]), ["caller", "sample", "welcome"]);
    });
});

const CONTROL_PLANES = "maistra.io/servicemeshcontrolplanes";

function plain(raw: Record<string, string>): Record<string, unknown> {
    const value = (text: string): unknown => (/^[[{]/.test(text) ? JSON.parse(text) : text);
    return Object.fromEntries(Object.entries(raw).map(([key, text]) => [key, value(text)]));
}
