import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fault, OUTPUT_NAMES, strangeness } from "../../../consumer/check";
import { render } from "../../../render/render";

const ROOT = resolve(__dirname, "../../..");
const stacks = readdirSync(ROOT).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.slice(1) ?? []);

/** Every output with all below it. "*" stands for names that are the user's. */
const CONTRACT = [
    "controlPlane.generation: text",
    "controlPlane.mtls: text",
    "controlPlane.name: text",
    "controlPlane.namespace: text",
    "controlPlane.version: text",
    "members[]: text",
    "operators.*: text",
    "routeHosts.*: text",
    "services.*.host: text",
    "services.*.namespace: text",
    "services.*.port: number",
    "urls.*: text",
];
const BY_NAME = new Set(["operators", "routeHosts", "services", "urls"]);

const NOTE = `
The outputs are a contract: other projects read them through a StackReference (@mesh/consumer, examples/smoke-tests), each
at its own time, some never updated.
  gone or of another type: every stack that reads it fails at its next run. Do not: keep it, and give the new one a new name.
  new: nobody breaks. Add it here, in consumer/contract.ts and consumer/check.ts, in README's table, and run npm run consumer.
`;

describe("the contract of the outputs", () => {
    const told: Record<string, Record<string, unknown>> = {};
    before(async () => {
        for (const stack of stacks) {
            told[stack] = (await render(stack, undefined, join(ROOT, `Pulumi.${stack}.yaml`))).outputs;
        }
    });

    for (const stack of stacks) {
        it(`${stack} has every output of it, and no other`, () => {
            const tops = [...new Set(CONTRACT.map((line) => line.split(/[.[]/)[0]))];
            assert.deepEqual(Object.keys(told[stack]).sort(), tops, NOTE);
            const strange = shapeOf(told[stack]).filter((line) => !CONTRACT.includes(line));
            assert.deepEqual(strange, [], NOTE);
        });

        it(`a reader takes what ${stack} tells`, () => {
            assert.equal(strangeness(stack, told[stack]), undefined);
            for (const name of OUTPUT_NAMES) {
                assert.equal(fault(stack, told[stack], name), undefined);
            }
        });
    }

    for (const stack of ["platform", "shop"]) {
        it(`${stack}, one of two stacks, has the same, and what is no part of it`, async () => {
            const file = join(ROOT, `examples/two-stacks/Pulumi.${stack}.yaml`);
            const { platform, ...contract } = (await render(stack, undefined, file)).outputs;
            assert.deepEqual(Object.keys(contract).sort(), Object.keys(told[stacks[0]]).sort(), NOTE);
            assert.deepEqual(
                shapeOf(contract).filter((line) => !CONTRACT.includes(line)),
                [],
                NOTE,
            );
            assert.equal(platform.generation, "2.6");
            for (const name of OUTPUT_NAMES) {
                assert.equal(fault(stack, contract, name), undefined);
            }
        });
    }

    it("all of it is told by the environments together", () => {
        const all = new Set(Object.values(told).flatMap(shapeOf));
        assert.deepEqual([...all].sort(), CONTRACT, NOTE);
    });

    it("a changed type, a lost key and a new one are each seen", () => {
        const [name] = stacks;
        const changed = (more: object) => shapeOf({ ...told[name], ...more });
        assert.ok(changed({ members: "a, b" }).includes("members: text"));
        assert.ok(!changed({ controlPlane: { name: "a" } }).includes("controlPlane.mtls: text"));
        assert.ok(changed({ controlPlane: { name: "a", id: 1 } }).includes("controlPlane.id: number"));
    });
});

/** The paths of all leaves with their types, each once. */
function shapeOf(outputs: Record<string, unknown>): string[] {
    const lines = Object.entries(outputs).flatMap(([name, value]) => walk(name, value, BY_NAME.has(name)));
    return [...new Set(lines)].sort();
}

function walk(path: string, value: unknown, byName = false): string[] {
    if (Array.isArray(value)) {
        return value.flatMap((one) => walk(`${path}[]`, one));
    }
    if (typeof value === "object" && value !== null) {
        return Object.entries(value).flatMap(([key, one]) => walk(`${path}.${byName ? "*" : key}`, one));
    }
    return [`${path}: ${typeof value === "string" ? "text" : value === null ? "nothing" : typeof value}`];
}
