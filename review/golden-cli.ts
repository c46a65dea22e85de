import { ConfigError } from "../config/problems";
import { UndecidedError } from "../stacks/plan";
import { environments, freshGolden, removeOrphans, writeGolden } from "./golden";

/** Renders every environment into tests/golden, and says which files changed. */
async function main(): Promise<void> {
    const stacks = environments();
    const changed: string[] = [];
    for (const stack of stacks) {
        changed.push(...writeGolden(stack, await freshGolden(stack)));
    }
    const gone = removeOrphans(stacks);
    changed.forEach((file) => console.log(`written: ${file}`));
    gone.forEach((folder) => console.log(`removed: ${folder}`));
    if (changed.length + gone.length === 0) {
        console.log(`fresh: ${stacks.join(", ")}`);
    }
}

main().catch((error) => {
    const forPeople = error instanceof ConfigError || error instanceof UndecidedError;
    console.error(forPeople ? error.message : error.stack);
    process.exitCode = 1;
});
