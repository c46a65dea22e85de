import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

/** Asks every 50 ms until the answer is not undefined; fails after `seconds`. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined>, seconds = 15): Promise<T> {
    const until = Date.now() + seconds * 1_000;
    for (;;) {
        const answer = await ask();
        if (answer !== undefined) {
            return answer;
        }
        if (Date.now() > until) {
            assert.fail(`not within ${seconds} s: ${what}`);
        }
        await sleep(50);
    }
}
