import assert from "node:assert/strict";
import fc from "fast-check";
import { problemsOf } from "../../../apps/sample/apply";

const taro = { user_name: "Taro", store_id: 1111, store_name: "Shop_A" };

describe("sample: what is wrong with an application", () => {
    it("step 8: nothing with the scenario's", () => {
        assert.deepEqual(problemsOf(taro), []);
        assert.deepEqual(problemsOf({ ...taro, more: true }), []);
    });

    const table: [what: string, body: unknown, fields: string[]][] = [
        ["everything missing", {}, ["user_name", "store_id", "store_name"]],
        ["null is missing too", { ...taro, store_id: null }, ["store_id"]],
        ["blank text", { ...taro, user_name: " ", store_name: "" }, ["user_name", "store_name"]],
        ["text that is too long", { ...taro, user_name: "x".repeat(256) }, ["user_name"]],
        ["a number as text", { ...taro, store_id: "1111" }, ["store_id"]],
        ["half a store", { ...taro, store_id: 1.5 }, ["store_id"]],
        ["no store", { ...taro, store_id: 0 }, ["store_id"]],
        ["text as a number", { ...taro, store_name: 5 }, ["store_name"]],
        ["a list", [taro], [""]],
        ["null", null, [""]],
    ];
    for (const [what, body, fields] of table) {
        it(what, () => {
            assert.deepEqual(
                problemsOf(body).map((p) => p.field),
                fields,
            );
        });
    }

    it("never fails, whatever it is given, and says each field once", () => {
        fc.assert(
            fc.property(fc.jsonValue(), (body) => {
                const fields = problemsOf(body).map((p) => p.field);
                assert.equal(new Set(fields).size, fields.length);
            }),
        );
    });
});
