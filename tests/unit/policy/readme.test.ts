import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { rulesTable } from "../../../policy/reference";

describe("README's table of policies", () => {
    it("has each rule as it is", () => {
        const readme = readFileSync(join(resolve(__dirname, "../../.."), "README.md"), "utf8").split("\n");
        const missing = rulesTable().filter((line) => !readme.includes(line));
        assert.deepEqual(missing, [], `README.md, Policies, lacks these lines of its table:\n${missing.join("\n")}\n`);
    });
});
