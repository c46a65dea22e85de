import timers from "node:timers/promises";

const { setTimeout: sleep } = timers;

/**
 * In the tests of this describe a pause takes a small part of its time, whoever makes it; which of two is the longer stays
 * as it is. For tests of what comes after a pause, not of how long it is.
 */
export function hurried(part = 20): void {
    before(() => {
        timers.setTimeout = ((ms, value, options) => sleep((ms ?? 0) / part, value, options)) as typeof sleep;
    });
    after(() => {
        timers.setTimeout = sleep;
    });
}
