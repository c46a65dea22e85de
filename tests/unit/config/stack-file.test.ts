import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../../config/load";
import { ConfigError, formatProblems } from "../../../config/problems";
import { readStackFile } from "../../../config/stack-file";
import { problemsOf, sample } from "./sample";

describe("reading a stack file", () => {
    let folder: string;
    before(() => {
        folder = mkdtempSync(join(tmpdir(), "mesh-config-"));
    });
    after(() => rmSync(folder, { recursive: true }));

    const write = (content: string) => {
        const path = join(folder, "Pulumi.prod.yaml");
        writeFileSync(path, content);
        return path;
    };
    const read = (content: string) => readStackFile(write(content));
    const errorOf = (path: string): ConfigError => {
        try {
            readStackFile(path);
        } catch (error) {
            assert.ok(error instanceof ConfigError, String(error));
            return error;
        }
        throw new Error("it was read");
    };

    it("gives what Pulumi would hand over", () => {
        const content = [
            "config:",
            '  mesh:generation: "1.1"',
            "  mesh:uniqueNames: true",
            "  membership: roll",
            "  mesh:timeouts: { operator: 60, routes: 0x10 }",
            "  mesh:operators:",
            "  mesh:secrets: { db: { secure: v1:abc }, all: [{ secure: v1:x }] }",
            "  kubernetes:context: admin",
            "encryptionsalt: v1:x",
        ];
        assert.deepEqual(read(content.join("\n")), {
            "mesh:generation": "1.1",
            "mesh:uniqueNames": "true",
            "mesh:membership": "roll",
            "mesh:timeouts": '{"operator":60,"routes":16}',
            "mesh:operators": "null",
            "mesh:secrets": '{"db":"[secret]","all":["[secret]"]}',
            "kubernetes:context": "admin",
        });
    });

    it("words that older YAML took for booleans stay words, and are refused with a hint", () => {
        const raw = read("config:\n  mesh:uniqueNames: on\n");
        assert.equal(raw["mesh:uniqueNames"], "on");
        assert.equal(problemsOf({ ...sample(), ...raw })[0]?.hint, "write true");
    });

    it("an empty file and an empty config hold nothing", () => {
        assert.deepEqual(read(""), {});
        assert.deepEqual(read("config:\n"), {});
    });

    it("what is not YAML is named by its line, without the text around it", () => {
        const { problems, message } = errorOf(
            write("config:\n  mesh:secrets: { db: hunter2 }\n  mesh:secrets: [hunter2\n"),
        );
        assert.ok(
            problems.every(({ key }) => /^line \d, column \d+$/.test(key)),
            message,
        );
        assert.match(message, /^\d problems? in Pulumi\.prod\.yaml, nothing was touched\n/);
        assert.ok(!message.includes("hunter2"), message);
    });

    it("a key that stands twice is named", () => {
        assert.match(errorOf(write("config:\n  mesh:membership: roll\n  mesh:membership: member\n")).message, /unique/);
    });

    it("a file that is no mapping, and a config that is none", () => {
        assert.match(errorOf(write("- a\n")).message, /a list: a mapping with the key config/);
        assert.match(errorOf(write("config: [a]\n")).message, /config {4}a list: a mapping of keys/);
    });

    it("a file that does not exist: those that do are named", () => {
        write("");
        const [problem] = errorOf(join(folder, "Pulumi.prd.yaml")).problems;
        assert.deepEqual(problem, {
            key: "Pulumi.prd.yaml",
            found: "no such file",
            allowed: "one of Pulumi.prod.yaml",
            hint: "did you mean Pulumi.prod.yaml?",
        });
    });

    it("something encrypted where it would not stay secret", () => {
        const content =
            "config:\n  mesh:namespaces: { shop: { services: { cart: { env: { A: { secure: v1:x } } } } } }\n";
        const [problem, ...others] = errorOf(write(content)).problems;
        assert.equal(problem?.key, "mesh:namespaces");
        assert.match(problem?.allowed ?? "", /mesh:secrets/);
        assert.deepEqual(others, []);
        assert.throws(
            () => loadConfig(sample(), { encrypted: ["mesh:secrets", "mesh:namespaces", "other:x"] }),
            (error) => {
                assert.ok(error instanceof ConfigError);
                assert.deepEqual(error.problems, [problem]);
                return true;
            },
        );
    });

    it("a folder in place of a file", () => assert.match(errorOf(folder).message, /cannot be read/));

    it("aliases that grow without end", () => {
        const lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
        for (let from = "a".charCodeAt(0); from < "h".charCodeAt(0); from++) {
            const [name, next] = [String.fromCharCode(from), String.fromCharCode(from + 1)];
            lines.push(`${next}: &${next} [${Array(10).fill(`*${name}`).join(", ")}]`);
        }
        assert.match(errorOf(write(lines.join("\n"))).message, /not YAML/);
    });
});

describe("the message", () => {
    it("says how many, where, that nothing was touched, and one aligned line for each", () => {
        const text = formatProblems(
            [
                { key: "mesh:controlPlane.tracing.sampling", found: "250", allowed: "a percentage, 0 to 100" },
                {
                    key: "mesh:shop.alow",
                    found: "unknown key",
                    allowed: "x",
                    text: "unknown key",
                    hint: "did you mean allow?",
                },
                { key: "mesh:generation", allowed: "one of 1.1" },
            ],
            "Pulumi.prod.yaml",
        );
        assert.equal(
            text,
            [
                "3 problems in Pulumi.prod.yaml, nothing was touched",
                "  mesh:controlPlane.tracing.sampling    250: a percentage, 0 to 100",
                "  mesh:shop.alow                        unknown key; did you mean allow?",
                "  mesh:generation                       missing: one of 1.1",
            ].join("\n"),
        );
    });

    it("one problem is one problem, and its error has no stack", () => {
        const error = new ConfigError([{ key: "mesh:generation", allowed: "one of 1.1" }]);
        assert.match(error.message, /^1 problem in the configuration, nothing was touched\n/);
        assert.equal(error.stack, error.message);
    });
});
