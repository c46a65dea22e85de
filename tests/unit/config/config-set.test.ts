import assert from "node:assert/strict";
import { keyOf } from "../../../config/problems";
import { readRaw } from "../../../config/raw";
import { schema } from "../../../config/schema";
import { EXAMPLE } from "../../../config/template-example";
import { leaves, put, stored } from "./by-cli";
import { flat, problemsOf, sample } from "./sample";

/** What the schema makes of a whole config, as Pulumi hands it over. */
function read(data: unknown): unknown {
    return schema.parse(readRaw(flat(data as Record<string, unknown>)).data);
}

const whole = read(EXAMPLE);

describe("pulumi config set --path", () => {
    it("the example has every kind of value: text, whole numbers, booleans, in lists and maps", () => {
        const kinds = new Set(leaves().map(([path, value]) => `${typeof value} ${typeof path.at(-1)}`));
        assert.deepEqual([...kinds].sort(), ["boolean string", "number string", "string number", "string string"]);
        assert.ok(leaves().length > 90);
    });

    for (const [path, value] of leaves()) {
        it(`${keyOf(path)} ${JSON.stringify(value).slice(0, 40)}`, () => {
            const set = put(EXAMPLE, path, path.length === 1 ? String(value) : stored(String(value)));
            assert.deepEqual(read(set), whole);
        });
    }

    it("the same for every value at once", () => {
        const set = leaves().reduce<unknown>(
            (data, [path, value]) => put(data, path, path.length === 1 ? String(value) : stored(String(value))),
            EXAMPLE,
        );
        assert.deepEqual(read(set), whole);
    });

    it("what Pulumi makes a number or a boolean of, though text is meant, is taken or told in words", () => {
        const { platform, ...whole } = EXAMPLE;
        const texts = leaves(whole).filter(([path, value]) => path.length > 1 && typeof value === "string");
        for (const [path, given] of texts.flatMap(([at]) => [[at, 12] as const, [at, true] as const])) {
            const problems = problemsOf(flat(put(whole, path, given) as Record<string, unknown>));
            const keys = problems.map(({ key }) => key);
            assert.ok(keys.length === 0 || keys.includes(keyOf(path)), `${keyOf(path)} ${given}: ${keys.join()}`);
            for (const { allowed } of problems) {
                assert.doesNotMatch(allowed, /expected|received|invalid/i, "in this program's words");
            }
        }
    });

    it("a fraction, which Pulumi leaves as text, is a number where one is meant", () => {
        const { controlPlane } = read(put(EXAMPLE, ["controlPlane", "tracing", "sampling"], "0.5")) as {
            controlPlane: { tracing: { sampling: number } };
        };
        assert.equal(controlPlane.tracing.sampling, 0.5);
    });

    it("a channel that looks like a whole number is told how to be given", () => {
        const raw = sample({ operators: { kiali: { channel: 4 } } });
        const [problem] = problemsOf(raw);
        assert.equal(problem.key, "mesh:operators.kiali.channel");
    });

    it("a secret is text, also when it looks like a number", () => {
        const env = { PASSWORD: { secret: "db" } };
        assert.deepEqual(
            problemsOf(sample({ secrets: { db: "12345" }, "namespaces.shop.services.cart.env": env })),
            [],
        );
    });
});
