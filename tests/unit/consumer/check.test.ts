import assert from "node:assert/strict";
import { fault, misnamed, strangeness } from "../../../consumer/check";

describe("what a reader of another stack is told", () => {
    it("that there is nothing to read, and what to do", () => {
        assert.match(
            strangeness("organization/mesh/dev", {}) ?? "",
            /has no outputs[^]*pulumi up --stack organization/,
        );
    });

    it("that the stack is another program's; one known name is enough to be one of the mesh", () => {
        assert.match(strangeness("dev", { bucket: "b" }) ?? "", /not a stack of the mesh[^]*Its outputs are bucket/);
        assert.equal(strangeness("dev", { urls: {}, bucket: "b" }), undefined);
    });

    it("which output an older program did not have, and what there is", () => {
        const words = fault("dev", { urls: {}, members: [] }, "services") ?? "";
        assert.match(words, /^stack dev has no output services:[^]*older version[^]*it has members, urls\.$/);
    });

    it("which output is not what it should be", () => {
        const outputs = { urls: ["a"], members: "a", services: { a: { host: "a", namespace: "b", port: "80" } } };
        for (const name of ["urls", "members", "services"] as const) {
            assert.match(fault("dev", outputs, name) ?? "", new RegExp(`^output ${name} of stack dev is not `));
        }
    });

    it("nothing about outputs that are as they should be, with more than is known", () => {
        const controlPlane = { name: "a", namespace: "b", generation: "9", version: "", mtls: "strict", more: 1 };
        const outputs = { controlPlane, members: [], operators: {}, more: true };
        for (const name of ["controlPlane", "members", "operators"] as const) {
            assert.equal(fault("dev", outputs, name), undefined);
        }
    });

    it("that a name must say its project", () => {
        assert.equal(misnamed("acme/mesh/prod"), undefined);
        for (const name of ["prod", "mesh/prod", "a/b/c/d", "a//c", "", "a/b c/d"]) {
            assert.match(misnamed(name) ?? "", /Write <organization>\/<project>\/<stack>/, name);
        }
    });
});
