import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { rulesTable } from "../../../policy/reference";

describe("the table of policies", () => {
    it("has each rule as it is", () => {
        const readme = readFileSync(join(resolve(__dirname, "../../.."), "docs/policies.md"), "utf8").split("\n");
        const missing = rulesTable().filter((line) => !readme.includes(line));
        assert.deepEqual(missing, [], `docs/policies.md lacks these lines of its table:\n${missing.join("\n")}\n`);
    });
});
