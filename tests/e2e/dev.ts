import { Kube } from "../../kube";
import type { Lab } from "../../lab";
import { type Accounts, accountsOf, openAs } from "./as";
import type { Stack } from "./stack";

let opened: Promise<Stack> | undefined;
let accounts: Promise<Accounts> | undefined;

/** The accounts of those who work with the scenario's stack. */
export function devAccounts(lab: Lab): Promise<Accounts> {
    return (accounts ??= accountsOf(lab, Kube.load({ kubeconfig: lab.kubeconfig }), "dev"));
}

/**
 * The stack of the scenario: one for all tests of a run, which find it up or down. Whoever previews and deploys it has the
 * roles that the project renders for that, and no other rights.
 */
export function dev(lab: Lab): Promise<Stack> {
    return (opened ??= devAccounts(lab).then((all) => openAs(all, "dev")));
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
