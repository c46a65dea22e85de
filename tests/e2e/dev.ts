import type { Lab } from "../../lab";
import { DEV_FILE, Stack } from "./stack";

let opened: Promise<Stack> | undefined;

/** The stack of the scenario: one for all tests of a run, which find it up or down. */
export function dev(lab: Lab): Promise<Stack> {
    return (opened ??= Stack.open(lab, "dev", DEV_FILE));
}

export async function devUp(lab: Lab): Promise<Stack> {
    const stack = await dev(lab);
    if (!stack.isUp) {
        await stack.up();
    }
    return stack;
}

export async function devDown(lab: Lab): Promise<Stack> {
    const stack = await dev(lab);
    if (stack.isUp) {
        await stack.destroy();
    }
    return stack;
}
