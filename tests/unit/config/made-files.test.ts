import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { GENERATION_NAMES } from "../../../config/generations";
import { keysSchema } from "../../../config/json-schema";
import { loadConfig } from "../../../config/load";
import { OBJECT_KEYS } from "../../../config/raw";
import { withConfigTable } from "../../../config/reference";
import { REFERENCE_FILE, ROOT, SCHEMA_FILE, schemaText } from "../../../config/write";
import { flat, IMAGE, problemsOf, sample } from "./sample";

const stackFiles = readdirSync(ROOT).filter((name) => /^Pulumi\..+\.yaml$/.test(name));
const read = (name: string) => parse(readFileSync(join(ROOT, name), "utf8")) as Record<string, Record<string, unknown>>;

interface Declared {
    type: string;
    description: string;
    default?: unknown;
}

describe("what is made from the schema is fresh", () => {
    it("mesh.schema.json", () => {
        const fresh = readFileSync(SCHEMA_FILE, "utf8") === schemaText();
        assert.ok(fresh, "mesh.schema.json is not what config/schema.ts says: run `npm run schema` and commit it");
    });

    it("the table in docs/configuration.md", () => {
        const readme = readFileSync(REFERENCE_FILE, "utf8");
        const fresh = readme === withConfigTable(readme);
        assert.ok(
            fresh,
            "docs/configuration.md's table of keys is not what config/schema.ts says: run `npm run docs` and commit it",
        );
    });
});

describe("Pulumi.yaml declares the keys of the schema", () => {
    const declared = read("Pulumi.yaml")["config"] as unknown as Record<string, Declared>;
    const { properties = {}, required = [] } = keysSchema();

    it("all of them, in the same order, and no others", () => {
        assert.deepEqual(
            Object.keys(declared),
            Object.keys(properties).map((key) => `mesh:${key}`),
        );
    });

    for (const [key, property] of Object.entries(properties)) {
        it(`mesh:${key}`, () => {
            const { type, description, default: value } = declared[`mesh:${key}`] ?? ({} as Declared);
            const { description: meaning } = property as { description?: string };
            assert.equal(description, meaning, "its description is not the schema's");
            const outermost = OBJECT_KEYS.includes(key) ? "object" : "string";
            const types: Record<string, string | undefined> = {
                uniqueNames: "boolean",
                protect: "boolean",
                // Also text: pulumi new saves answers so, and a typed object would have to be one.
                namespaces: undefined,
            };
            assert.equal(type, key in types ? types[key] : outermost);
            // Pulumi asks for a key that is declared without a default.
            assert.equal(value === undefined, required.includes(key), "only what is required has no default");
        });
    }

    it("the defaults are the schema's own", () => {
        const defaults = Object.entries(declared).filter(([, { default: value }]) => value !== undefined);
        const given = flat(
            Object.fromEntries(defaults.map(([key, { default: value }]) => [key.slice("mesh:".length), value])),
        );
        assert.deepEqual(loadConfig({ ...given, ...sample() }), loadConfig(sample()));
    });
});

describe("what pulumi new asks (Pulumi.yaml, template)", () => {
    const { config: asked } = read("Pulumi.yaml")["template"] as {
        config: Record<string, { description: string; default?: string; secret?: boolean }>;
    };
    const { properties = {}, required = [] } = keysSchema();
    const answers = Object.fromEntries(Object.entries(asked).map(([key, { default: value = "" }]) => [key, value]));

    it("all that is required, keys of the schema, and which cluster it is", () => {
        const known = [...Object.keys(properties).map((key) => `mesh:${key}`), "kubernetes:context"];
        assert.deepEqual(
            Object.keys(asked).filter((key) => !known.includes(key)),
            [],
        );
        assert.deepEqual(
            required.filter((key) => asked[`mesh:${key}`] === undefined),
            [],
        );
    });

    it("says what each means; nothing that is asked is secret, since mesh:secrets holds several by name", () => {
        for (const [key, { description, secret }] of Object.entries(asked)) {
            assert.ok(description.length > 20, key);
            assert.equal(secret, undefined, key);
        }
    });

    it("its defaults are an environment, as Pulumi hands text over: a mesh without members", () => {
        const { generation, namespaces, uniqueNames, protect } = loadConfig(answers);
        assert.deepEqual([generation, namespaces, uniqueNames, protect], ["3", {}, false, false]);
    });

    it("in every generation", () => {
        for (const generation of GENERATION_NAMES) {
            assert.deepEqual(problemsOf({ ...answers, "mesh:generation": generation }), []);
        }
    });

    it("answers with members, as JSON", () => {
        const namespaces = { shop: { services: { cart: { image: IMAGE } } } };
        const config = loadConfig({ ...answers, "mesh:namespaces": JSON.stringify(namespaces) });
        assert.deepEqual(Object.keys(config.namespaces.shop.services), ["cart"]);
    });
});

describe("the JSON Schema for editors", () => {
    const editor = z.fromJSONSchema(JSON.parse(schemaText()) as Parameters<typeof z.fromJSONSchema>[0]);
    const dev = read("Pulumi.dev.yaml")["config"];
    const accepts = (config: object) => editor.safeParse({ config }).success;

    for (const name of stackFiles) {
        it(`takes ${name}, which names it in its first line`, () => {
            assert.ok(editor.safeParse(read(name)).success);
            const [first] = readFileSync(join(ROOT, name), "utf8").split("\n");
            assert.equal(first, "# yaml-language-server: $schema=mesh.schema.json");
        });
    }

    it("takes keys of other namespaces, and what Pulumi has encrypted", () => {
        assert.ok(accepts({ ...dev, "kubernetes:context": "admin", "mesh:secrets": { db: { secure: "v1:x" } } }));
    });

    const wrong: [string, object][] = [
        ["an unknown key", { "mesh:foo": 1 }],
        ["a number out of range", { "mesh:timeouts": { operator: 0 } }],
        ["an unknown key further in", { "mesh:timeouts": { operatr: 60 } }],
        ["a missing key", { "mesh:namespaces": { shop: {} } }],
        ["a wrong word", { "mesh:membership": "rol" }],
        ["a name that Kubernetes refuses", { "mesh:namespaces": { My_Shop: { services: {} } } }],
    ];
    for (const [what, part] of wrong) {
        it(`refuses ${what}`, () => assert.ok(!accepts({ ...dev, ...part })));
    }
});
