import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Kube } from "../../../kube";
import { parseSettings } from "../../../lab/settings";
import { type Report, Supervisor } from "../../../lab/standins/supervisor";
import type { StandIn } from "../../../lab/standins/types";
import { hurried } from "../hurried";

describe("the supervisor of stand-ins", () => {
    let stop: AbortController;
    let reports: Record<string, Report[]>;
    let lines: string[];
    let supervisor: Supervisor;

    beforeEach(() => {
        stop = new AbortController();
        reports = {};
        lines = [];
        supervisor = new Supervisor({
            kube: {} as Kube,
            settings: () => parseSettings({ timeScale: 0.1 }),
            log: (line) => lines.push(line),
            signal: stop.signal,
            onReport: (name, report) => (reports[name] ??= []).push(report),
        });
    });
    afterEach(() => stop.abort());

    async function until(isSo: () => boolean): Promise<void> {
        for (let i = 0; !isSo() && i < 30_000; i++) {
            await sleep(10);
        }
        assert.ok(isSo());
    }

    describe("after a failure", () => {
        hurried();

        it("starts a stand-in again that failed, and says why", async () => {
            let starts = 0;
            const standIn: StandIn = async () => {
                starts++;
                if (starts === 1) {
                    throw new Error("no such luck");
                }
            };
            supervisor.start("router", standIn);
            await until(() => starts === 2 && reports.router.at(-1)?.health === "watching");
            assert.deepEqual(reports.router[0], { health: "failed", restarts: 1, lastError: "no such luck" });
            assert.ok(lines.some((line) => line.includes("no such luck")));
        });

        it("starts the one again that an uncaught error's stack names, and stops what it had begun", async () => {
            const signals: AbortSignal[] = [];
            let others = 0;
            supervisor.start("router", async ({ signal }) => void signals.push(signal));
            supervisor.start("kubelet", async () => void others++);
            await until(() => reports.router?.length === 1 && reports.kubelet?.length === 1);
            const error = new Error("from a callback");
            error.stack = "Error: from a callback\n    at see (/checkout/lab/standins/router/index.ts:7:9)";
            supervisor.uncaught(error);
            await until(() => signals.length === 2);
            assert.equal(signals[0].aborted, true);
            assert.equal(signals[1].aborted, false);
            assert.equal(others, 1);
        });
    });

    it("scales the delays of stand-ins, and ends them with the lab", async () => {
        const order: string[] = [];
        let ended = "";
        supervisor.start("router", async ({ delay }) => {
            // Timers fall due in order, however busy the machine is.
            void sleep(150).then(() => order.push("150 ms"));
            await delay(200);
            order.push("200 ms at a tenth");
            delay(100_000).catch((error: Error) => (ended = error.name));
        });
        await until(() => order.length === 2);
        assert.deepEqual(order, ["200 ms at a tenth", "150 ms"]);
        stop.abort();
        await until(() => ended === "AbortError");
        assert.equal(lines.length, 0);
    });
});
