import assert from "node:assert/strict";
import fc from "fast-check";
import { loadConfig } from "../../../config/load";
import { ConfigError, formatProblems } from "../../../config/problems";
import { parseQuantity } from "../../../config/quantity";
import { schema } from "../../../config/schema";
import { configOf, flat, problemsOf, sample } from "./sample";

const KEYS = Object.keys(schema.shape);

/** Splits a key like mesh:a.b["c.d"][0] into its parts. */
function partsOf(key: string): (string | number)[] {
    const parts = [...key.slice("mesh:".length).matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|\.?([^.[]+)/g)];
    return parts.map(([, quoted, index, plain]) =>
        quoted !== undefined
            ? (JSON.parse(`"${quoted}"`) as string)
            : index !== undefined
              ? Number(index)
              : (plain ?? ""),
    );
}

/** True when the key's value is given, or is missing in something that is given. */
function isGivenOrMissing(data: unknown, parts: (string | number)[]): boolean {
    let at = data;
    for (const part of parts.slice(0, -1)) {
        if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) {
            return false;
        }
        at = (at as Record<string, unknown>)[part];
    }
    return typeof at === "object" && at !== null;
}

function assertConfigOrError(data: Record<string, unknown>): void {
    try {
        loadConfig(flat(data));
    } catch (error) {
        assert.ok(error instanceof ConfigError, `${String(error)} is not a ConfigError`);
        assert.ok(error.problems.length > 0);
        for (const { key, allowed } of error.problems) {
            assert.ok(isGivenOrMissing(data, partsOf(key)), `${key} is neither given nor missing`);
            assert.ok(allowed.length > 0);
        }
        assert.equal(new Set(error.problems.map(({ key }) => key)).size, error.problems.length, "a key is named once");
    }
}

/** Any JSON, with keys and values that the schema knows strewn in. */
function json(): fc.Arbitrary<unknown> {
    const known = [
        "name",
        "namespace",
        "services",
        "shop",
        "cart",
        "allow",
        "host",
        "env",
        "__proto__",
        "constructor",
        "a.b",
    ];
    const words = [
        "anyone",
        "strict",
        "1.1",
        "2.6",
        "3",
        "tempo",
        "cart",
        "shop/cart",
        "128Mi",
        "",
        "true",
        "__proto__",
        "cart.apps.example.com",
    ];
    return fc.letrec((tie) => ({
        value: fc.oneof(
            { depthSize: "small", withCrossShrink: true },
            fc.oneof(
                fc.constantFrom(...words),
                fc.integer(),
                fc.boolean(),
                fc.constant(null),
                fc.double({ noNaN: true }),
                fc.string(),
            ),
            fc.array(tie("value"), { maxLength: 3 }),
            fc
                .array(fc.tuple(fc.oneof(fc.constantFrom(...known), fc.string()), tie("value")), { maxLength: 4 })
                .map(toObject),
        ),
    })).value;
}

function toObject(entries: [string, unknown][]): unknown {
    return JSON.parse(
        `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`,
    );
}

/** Every path inside a value. */
function paths(value: unknown, above: (string | number)[] = []): (string | number)[][] {
    if (typeof value !== "object" || value === null) {
        return [above];
    }
    const inside = Array.isArray(value) ? value.map((item, index) => [index, item] as const) : Object.entries(value);
    return [above, ...inside.flatMap(([key, item]) => paths(item, [...above, key]))];
}

function replaced(value: unknown, [first, ...rest]: (string | number)[], by: unknown): unknown {
    if (first === undefined) {
        return by;
    }
    const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<
        string,
        unknown
    >;
    copy[first] = replaced(copy[first], rest, by);
    return copy;
}

const complete = JSON.parse(
    JSON.stringify(configOf({ "namespaces.shop.services.cart.allow": [{ namespaces: ["shop"] }] })),
) as object;

const plain = (parts: Record<string, unknown>) => JSON.parse(JSON.stringify(configOf(parts))) as object;
const RULES = [{ namespaces: ["shop"], methods: ["GET"] }];
const later = {
    "namespaces.shop.services.cart.allow": RULES,
    "namespaces.shop.services.cart.deny": RULES,
    "namespaces.shop.services.cart.tls": { mode: "edge" },
};
const completes: Record<string, object> = {
    "1.1": complete,
    "2.6, moving on": plain({
        ...later,
        generation: "2.6",
        next: {
            generation: "3",
            controlPlane: { name: "v3", consoles: ["kiali"], tracing: { backend: "tempo" } },
            namespaces: ["shop"],
        },
    }),
    "3": plain({
        ...later,
        generation: "3",
        controlPlane: {
            name: "basic",
            version: "v1.27.9",
            updateStrategy: { type: "RevisionBased" },
            gateways: { ingress: { replicas: { min: 2, max: 3 }, minAvailable: 1 } },
        },
    }),
};

describe("config properties", () => {
    it("any JSON in any key gives a config, or an error whose every key was given or is missing", () => {
        const entries = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...KEYS), fc.string({ minLength: 1 })), json()), {
            maxLength: 5,
        });
        fc.assert(
            fc.property(entries, (given) => assertConfigOrError(toObject(given) as Record<string, unknown>)),
            { numRuns: 400 },
        );
    });

    it(
        "anything in one place of a good config gives a config, or an error whose every key was given or is " +
            "missing",
        () => {
            for (const whole of Object.values(completes)) {
                const places = paths(whole).filter((path) => path.length > 0);
                fc.assert(
                    fc.property(fc.constantFrom(...places), json(), (path, value) =>
                        assertConfigOrError(replaced(whole, path, value) as Record<string, unknown>),
                    ),
                    { numRuns: 250 },
                );
            }
        },
    );

    it("any text in any key gives a config or a ConfigError", () => {
        fc.assert(
            fc.property(fc.dictionary(fc.constantFrom(...KEYS.map((key) => `mesh:${key}`)), fc.string()), (raw) => {
                try {
                    loadConfig(raw);
                } catch (error) {
                    assert.ok(error instanceof ConfigError);
                }
            }),
            { numRuns: 300 },
        );
    });

    it("a config read back from what it became is the same", () => {
        for (const [what, whole] of Object.entries(completes)) {
            assert.deepEqual(loadConfig(flat(whole as Record<string, unknown>)), whole, what);
        }
    });

    it("the order in which keys are given makes no difference", () => {
        const turned = (value: unknown): unknown =>
            typeof value !== "object" || value === null
                ? value
                : Array.isArray(value)
                  ? value.map(turned)
                  : Object.fromEntries(
                        Object.entries(value)
                            .reverse()
                            .map(([key, item]) => [key, turned(item)]),
                    );
        const again = loadConfig(flat(turned(complete) as Record<string, unknown>));
        assert.equal(JSON.stringify(again), JSON.stringify(loadConfig(flat(complete as Record<string, unknown>))));
    });

    it("no value of mesh:secrets, of a variable or of a property is ever shown", () => {
        const secret = "hunter2hunter2";
        const parts = {
            secrets: { db: [secret], other: { x: secret } },
            "namespaces.shop.services.cart.env": { A: [secret], B: { x: secret } },
            "namespaces.shop.services.cart.properties": { a: [secret], b: { c: secret } },
        };
        for (const raw of [sample(parts), { ...sample(), "mesh:secrets": secret }, sample({ secrets: secret })]) {
            const text = formatProblems(problemsOf(raw));
            assert.ok(problemsOf(raw).length > 0);
            assert.ok(!text.includes(secret), text);
        }
    });
});

describe("quantities", () => {
    it("are compared by value, whatever their unit", () => {
        for (const [text, value] of [
            ["100m", 0.1],
            ["1", 1],
            ["128Mi", 134217728],
            ["1G", 1e9],
            ["1e3", 1000],
            [".5", 0.5],
            ["2.", 2],
        ] as const) {
            assert.equal(parseQuantity(text), value, text);
        }
        for (const text of ["", "1 G", "1gb", "-1", "Mi", "1KI", "1.2.3", "0x1", "1mi"]) {
            assert.equal(parseQuantity(text), undefined, text);
        }
    });
});
