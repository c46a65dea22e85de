import assert from "node:assert/strict";
import { readFileSync, writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { GENERATION_NAMES } from "../../../config/generations";
import { type JsonSchema, keysSchema } from "../../../config/json-schema";
import { readRaw } from "../../../config/raw";
import { schema } from "../../../config/schema";
import { readStackFile } from "../../../config/stack-file";
import { templateText, withEverything } from "../../../config/template";
import { TEMPLATE_FILE } from "../../../config/write";
import { render } from "../../../render/render";
import { problemsOf } from "./sample";

const template = readFileSync(TEMPLATE_FILE, "utf8");
const prose = template.replace(/\n *(# *)?## /g, " ");

/** The keys of a schema that a file may have, each with its place; <> stands for a name that the user chooses. */
function keysOf(node: JsonSchema, path: string[] = []): [string, JsonSchema][] {
    const inside = [
        ...Object.entries(node.properties ?? {}),
        ...(typeof node.additionalProperties === "object" ? [["<>", node.additionalProperties] as const] : []),
    ].flatMap(([key, child]) => keysOf(child as JsonSchema, [...path, key]));
    const variants = [...(node.anyOf ?? []), ...(node.items === undefined ? [] : [node.items])];
    const own: [string, JsonSchema][] = path.length === 0 || path.at(-1) === "<>" ? [] : [[path.join("."), node]];
    return [
        ...own,
        ...inside,
        ...variants.flatMap((each) => keysOf(each as JsonSchema, path).filter(([key]) => key !== path.join("."))),
    ];
}

/** Whether a value has a key, by any of the names that the user may choose, in any of its lists. */
function has(value: unknown, [first, ...rest]: string[]): boolean {
    if (first === undefined) {
        return value !== undefined;
    }
    if (Array.isArray(value)) {
        return value.some((item) => has(item, [first, ...rest]));
    }
    const object = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
    return (first === "<>" ? Object.values(object) : [object[first]]).some((inner) => has(inner, rest));
}

/** These stand in the template once, for the first who takes them. */
const TOLD_ONCE = [/^operators\.(?!servicemesh)\w+\./, /^next\.(controlPlane|operators)\./];
/** Told with the key that they stand in. */
const isTogether = (key: string) => /\.(cpu|memory)$/.test(key);
const keys = keysOf(keysSchema()).filter(([key]) => !TOLD_ONCE.some((again) => again.test(key)));

describe("the template of a stack file", () => {
    let folder: string;
    let whole: Record<string, string>;
    before(() => {
        folder = mkdtempSync(join(tmpdir(), "template-"));
        const file = join(folder, "Pulumi.whole.yaml");
        writeFileSync(file, withEverything(template));
        whole = readStackFile(file);
    });
    after(() => rmSync(folder, { recursive: true }));

    it("is fresh", () => {
        const stale = "docs/stack-template.yaml is not what config/ says: run `npm run docs` and commit it";
        assert.ok(template === templateText(), stale);
    });

    it("is an environment as it is: it loads, and is rendered", async () => {
        const { config, resources } = await render("new", undefined, TEMPLATE_FILE);
        assert.deepEqual(Object.keys(config.namespaces), ["shop"]);
        assert.ok(resources.some((r) => r.name === "shop/cart"));
    });

    it("has every key of the schema, and nothing else", () => {
        const { config } = parse(withEverything(template)) as { config: Record<string, unknown> };
        const data = Object.fromEntries(
            Object.entries(config).map(([key, value]) => [key.replace("mesh:", ""), value]),
        );
        const missing = keys.map(([key]) => key).filter((key) => !has(data, key.split(".")));
        assert.deepEqual(missing, [], "give them an example in config/template-example.ts");
        const { error } = schema.safeParse(readRaw(whole).data);
        assert.equal(error, undefined);
    });

    it("says of each key what it means, and what it may be", () => {
        for (const [key, node] of keys) {
            const { description, enum: values, minimum, maximum } = node;
            if (description === undefined || isTogether(key)) {
                continue;
            }
            assert.ok(prose.includes(description), key);
            const range = minimum === undefined ? [] : [`Allowed: ${minimum} to ${maximum}.`];
            const words = values?.every((v) => typeof v === "string") ? [`Allowed: ${values.join(" or ")}.`] : range;
            for (const allowed of words) {
                assert.ok(prose.includes(`${description} ${allowed}`), `${key}: ${allowed}`);
            }
        }
    });

    it("says the default of each key that has one", () => {
        for (const [key, { default: value, description }] of keys) {
            if (value !== undefined && !(Array.isArray(value) && value.length === 0)) {
                assert.ok(
                    description?.includes(`Default: ${String(value)}.`),
                    `${key}: ${String(value)}, "${description}"`,
                );
            }
        }
    });

    it("with everything in it, each key is right in some generation but the one that needs another part", () => {
        const wrong = GENERATION_NAMES.map((name) =>
            problemsOf({ ...whole, "mesh:generation": name }).map((p) => p.key),
        );
        const always = wrong[0].filter((key) => wrong.every((others) => others.includes(key)));
        assert.deepEqual(always, ["mesh:platform"]);
    });
});
