import assert from "node:assert/strict";
import {
    hasSecret,
    hasUnknown,
    markKeys,
    markLike,
    plain,
    secret,
    shown,
    SIGNATURE,
    UNKNOWN,
} from "../../../lab/engine/values";

describe("property values", () => {
    it("without their marks are what a provider works with", () => {
        const reference = { [SIGNATURE]: "5cf8f73096256a8f31e491e813e4eb8e", urn: "urn:x", id: "ns/name" };
        assert.deepEqual(plain({ a: secret({ b: [secret(1)] }), r: reference }), { a: { b: [1] }, r: "ns/name" });
        assert.equal(plain({ ...reference, id: "" }), UNKNOWN);
    });

    it("files are refused by name", () => {
        const asset = { [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", text: "x" };
        assert.throws(() => plain(asset), /does not take assets or archives/);
    });

    it("what went in secret comes out secret", () => {
        const out = markLike(
            { spec: { a: "p", b: "q" }, list: ["x", "y"] },
            { spec: { a: secret("p") }, list: ["x", secret("y")] },
        );
        assert.deepEqual(out, { spec: { a: secret("p"), b: "q" }, list: ["x", secret("y")] });
        assert.deepEqual(markKeys({ result: "p", other: 1 }, ["result"]), { result: secret("p"), other: 1 });
    });

    it("secrets are never shown", () => {
        const text = JSON.stringify(shown({ a: secret({ password: "hunter2" }), b: [secret("hunter2")], c: UNKNOWN }));
        assert.ok(!text.includes("hunter2"), text);
        assert.equal(text, '{"a":"[secret]","b":["[secret]"],"c":"[unknown]"}');
    });

    it("secrets and unknowns are found however deep", () => {
        assert.ok(hasSecret({ a: [{ b: secret(1) }] }));
        assert.ok(hasUnknown({ a: secret([UNKNOWN]) }));
        assert.ok(!hasUnknown({ a: [1] }) && !hasSecret({ a: [1] }));
    });
});
