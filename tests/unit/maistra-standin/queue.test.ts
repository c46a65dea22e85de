import { deepEqual, equal } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { WorkQueue } from "../../../lab/standins/maistra/common/queue";

function queueOf(work: (key: string) => Promise<void>) {
    const stop = new AbortController();
    const log: string[] = [];
    const delays: number[] = [];
    const delay = async (ms: number) => {
        delays.push(ms);
        await sleep(1);
    };
    const queue = new WorkQueue({ signal: stop.signal, delay, log: (line) => log.push(line) }, "test", work);
    return { queue, stop, log, delays };
}

async function until(met: () => boolean): Promise<void> {
    while (!met()) {
        await sleep(1);
    }
}

describe("Maistra stand-in: work queue", () => {
    it("runs a key once at a time, and once more for all that came meanwhile", async () => {
        let running = 0;
        let most = 0;
        let runs = 0;
        const { queue } = queueOf(async () => {
            runs += 1;
            most = Math.max(most, (running += 1));
            await sleep(5);
            running -= 1;
        });
        ["a", "a", "a"].forEach((key) => queue.add(key));
        await until(() => runs === 2 && running === 0);
        await sleep(10);
        equal(runs, 2);
        equal(most, 1);
    });

    it("tries again after a growing pause, and says each failure once", async () => {
        let runs = 0;
        const { queue, log, delays } = queueOf(async () => {
            runs += 1;
            if (runs < 4) {
                throw new Error("not yet");
            }
        });
        queue.add("a/b");
        await until(() => runs === 4);
        deepEqual(delays, [5, 10, 20]);
        deepEqual(log, ["test a/b: not yet"]);
    });

    it("ends with its signal", async () => {
        let runs = 0;
        const { queue, stop } = queueOf(async () => {
            runs += 1;
            throw new Error("for ever");
        });
        queue.add("a");
        await until(() => runs > 2);
        stop.abort();
        await sleep(10);
        const then = runs;
        queue.add("b");
        await sleep(10);
        equal(runs, then);
    });
});
