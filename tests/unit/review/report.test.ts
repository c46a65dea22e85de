import assert from "node:assert/strict";
import { changesBetween } from "../../../review/changes";
import { fieldChanges } from "../../../review/fields";
import { pictureOf } from "../../../review/from-files";
import { page } from "../../../review/markdown";
import { fromRenderings } from "../../../review/report";
import { rendered } from "./edit";
import { object, picture } from "./objects";

const HOSTS = ["sample.apps.example.com", "other.apps.example.com"];
const otherHost = (keys: any) => (keys["mesh:namespaces"]["microsvc-sample"].services.sample.host = HOSTS[1]);

describe("one changed host in dev", function () {
    this.timeout(120_000);
    it("shows that and nothing else", async () => {
        const report = fromRenderings("dev", await rendered("dev"), await rendered("dev", otherHost));
        assert.deepEqual(
            report.changes.map(({ operation, is, fields }) => [operation, is.title, fields.map((f) => f.path)]),
            [
                ["changed", "Gateway microsvc-sample/sample-gateway", ["spec.servers[http].hosts"]],
                ["changed", "VirtualService microsvc-sample/sample", ["spec.hosts"]],
            ],
        );
        assert.deepEqual(
            report.outputs.map(({ path }) => path),
            ["routeHosts.sample", "urls.sample"],
        );
        assert.deepEqual(
            report.concerns.map(({ text }) => text),
            [`host of \`microsvc-sample/sample\`: \`${HOSTS[0]}\` → \`${HOSTS[1]}\`; the old one is cut off`],
        );
        const text = page("x", [report]);
        assert.match(text, /^## dev: 1 host changed; 2 changed, nothing replaced or deleted$/m);
        assert.match(text, /\| `spec.hosts` \| `\["sample.apps.example.com"\]` \| `\["other.apps.example.com"\]` \|/);
    });
});

describe("a page", function () {
    this.timeout(120_000);
    it("names environments that do not change in one line", async () => {
        const dev = await rendered("dev");
        const text = page("Compared.", [fromRenderings("dev", dev, dev), fromRenderings("prod", dev, dev)]);
        assert.equal(text, "# What this changes\n\nCompared.\n\nNo change: dev, prod.\n");
    });

    it("says that an environment comes, and what is left of one that goes", async () => {
        const dev = await rendered("dev");
        assert.match(page("", [fromRenderings("dev", undefined, dev)]), /A new environment/);
        assert.match(page("", [fromRenderings("dev", dev, undefined)]), /stays where it is: `pulumi destroy`/);
    });

    it("puts the widest first", async () => {
        const before = await rendered("dev");
        const after = await rendered("dev", (keys) => {
            keys["mesh:controlPlane"].mtls = "permissive";
            keys["mesh:namespaces"]["microsvc-sample"].services.sample.allow = "anyone";
            keys["mesh:namespaces"]["microsvc-sample"].services.caller.replicas = 2;
            otherHost(keys);
        });
        assert.deepEqual(
            fromRenderings("dev", before, after).concerns.map(({ topic }) => topic),
            ["controlPlane", "mtlsLoosened", "policyLoosened", "hostChanged", "rest"],
        );
    });

    it("shows long texts line by line", () => {
        const map = (text: string) => ({ ...object("ConfigMap", "shop/c"), data: { file: text } });
        const changes = changesBetween(picture([map("a=1\nb=2\n")]), picture([map("a=1\nb=3\n")]));
        const text = page("", [{ stack: "dev", concerns: [], changes, outputs: [] }]);
        assert.match(text, /`data.file`\n\n```diff\n a=1\n-b=2\n\+b=3\n```/);
    });

    it("keeps what values hold from becoming Markdown", () => {
        const [before, after] = ["a|b", "`x`\\`"].map((value) => object("Service", "shop/c", { value }));
        const changes = changesBetween(picture([before]), picture([after]));
        const text = page("", [{ stack: "dev", concerns: [], changes, outputs: [] }]);
        assert.ok(text.includes("| `a\\|b` | `` `x`\\` `` |"), text);
    });

    it("fits into a comment, words before fields", () => {
        const many = Array.from({ length: 4000 }, (_, i) => object("ConfigMap", `shop/config-number-${i}`));
        const report = { stack: "dev", outputs: [], changes: changesBetween(picture([]), picture(many)) };
        const text = page("", [{ ...report, concerns: [{ topic: "rest", warns: true, text: "mind this" }] }]);
        assert.ok(text.length < 65_536);
        assert.match(text, /mind this[\s\S]*too many for a comment/);
    });
});

describe("fields of two objects", () => {
    const containers = (...list: object[]) => ({ spec: { containers: list } });
    const cases: [string, unknown, unknown, string[]][] = [
        ["nothing", { a: 1, b: [{ c: 1 }] }, { b: [{ c: 1 }], a: 1 }, []],
        ["a value", { a: { b: 1 } }, { a: { b: 2 } }, ["a.b"]],
        ["a key that comes", {}, { "x/y": 1 }, ['["x/y"]']],
        ["a list of values", { a: [1] }, { a: [1, 2] }, ["a"]],
        [
            "an entry of a list by its name, wherever it stands",
            containers({ name: "a", image: "1" }, { name: "b", image: "1" }),
            containers({ name: "b", image: "2" }, { name: "a", image: "1" }),
            ["spec.containers[b].image"],
        ],
        [
            "an entry that comes",
            containers({ name: "a" }),
            containers({ name: "a" }, { name: "b" }),
            ["spec.containers[b]"],
        ],
        ["entries without names, as many", { a: [{ b: 1 }, { b: 2 }] }, { a: [{ b: 1 }, { b: 3 }] }, ["a[1].b"]],
        ["entries without names, more", { a: [{ b: 1 }] }, { a: [{ b: 1 }, { b: 3 }] }, ["a"]],
        ["a list that was a value", { a: 1 }, { a: [{ name: "b" }] }, ["a"]],
    ];
    for (const [what, before, after, expected] of cases) {
        it(what, () =>
            assert.deepEqual(
                fieldChanges(before, after).map(({ path }) => path),
                expected,
            ),
        );
    }
});

describe("which change makes an object anew", () => {
    const cases: [string, object, object, string][] = [
        ["a label", { metadata: { labels: { a: "1" } } }, { metadata: { labels: { a: "2" } } }, "changed"],
        ["another version of Istio's kinds", { apiVersion: "networking.istio.io/v1alpha3" }, {}, "changed"],
        [
            "another version of other kinds",
            { apiVersion: "maistra.io/v1" },
            { apiVersion: "maistra.io/v2" },
            "replaced",
        ],
        ["the namespace", { metadata: { namespace: "a" } }, { metadata: { namespace: "b" } }, "replaced"],
    ];
    for (const [what, one, other, expected] of cases) {
        it(`${what}: ${expected}`, () => {
            const files = [one, other].map((part: any) => {
                const base = { apiVersion: "networking.istio.io/v1", kind: "Gateway" };
                const body = { ...base, ...part, metadata: { name: "g", namespace: "n", ...part.metadata } };
                return { "manifests.yaml": `---\n# g\n${JSON.stringify(body)}\n`, "graph.txt": "", "outputs.yaml": "" };
            });
            // Versions of an API are one kind to a rendering; the group stays in both.
            const changes = changesBetween(pictureOf(files[0]), pictureOf(files[1]));
            assert.deepEqual(
                changes.map(({ operation }) => operation),
                [expected],
            );
        });
    }

    it("another name in the program, said with the reason", () => {
        const text = (name: string) => `---\n# ${name}\n${JSON.stringify(object("Service", "shop/cart"))}\n`;
        const [one, other] = ["a", "b"].map((name) =>
            pictureOf({ "manifests.yaml": text(name), "graph.txt": "", "outputs.yaml": "" }),
        );
        const [change, ...rest] = changesBetween(one, other);
        assert.deepEqual([change.operation, rest.length], ["replaced", 0]);
        assert.match(change.because[0], /alias/);
    });

    it("what is protected is said by the graph, and a protection that is lifted by the report", () => {
        const files = (protect: string) => ({
            "manifests.yaml": `---\n# shop\n${JSON.stringify(object("Namespace", "shop"))}\n`,
            "graph.txt": `Namespace shop  in Namespaces namespaces${protect}\n    after Namespace other\n`,
            "outputs.yaml": "",
        });
        const { changes, concerns } = fromRenderings("dev", files("  protected"), files(""));
        assert.deepEqual(changes[0].fields, [{ path: "protect", before: true }]);
        assert.match(concerns[0].text, /^Namespace shop is no longer protected/);
        assert.deepEqual(fromRenderings("dev", files(""), files("  protected")).concerns, []);
        const gone = fromRenderings("dev", files("  protected"), undefined).concerns;
        assert.match(gone[0].text, /^Namespace shop is protected: the engine refuses/);
    });

    it("what is no object of Kubernetes is known by the graph", () => {
        const graph = (...lines: string[]) => ({
            "manifests.yaml": "",
            "graph.txt": lines.join("\n"),
            "outputs.yaml": "",
        });
        const before = pictureOf(graph("RandomPassword a  in MeshedService x", "    after Namespace n"));
        const changes = changesBetween(before, pictureOf(graph("RandomPassword b  in MeshedService x")));
        assert.deepEqual(
            changes.map(({ operation, is }) => `${operation} ${is.title}`),
            ["deleted RandomPassword a", "created RandomPassword b"],
        );
    });
});
