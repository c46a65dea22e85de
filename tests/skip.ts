import { type Context, Hook, type Runnable } from "mocha";

const reasons = new Map<string, string>();

/** Skips a test, or all of a suite from its `before`, and says why at the end of the run. */
export function skip(context: Context, why: string): never {
    const running = context.test as Runnable | undefined;
    const whole = running instanceof Hook ? running.parent : running;
    reasons.set(whole?.fullTitle() ?? "", why);
    return context.skip();
}

/** Why a test was skipped. */
export function reasonFor(fullTitle: string): string {
    const known = [...reasons.entries()].find(([title]) => fullTitle.startsWith(title));
    return known?.[1] ?? "it says no reason";
}
