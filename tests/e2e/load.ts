import { setTimeout as sleep } from "node:timers/promises";
import type { Lab } from "../../lab";
import { type Client, ask } from "./answers";

/** One request that was not answered as all the others. */
export interface Lost {
    /** What was going on. */
    during: string;
    outcome: string;
}

/** Requests one after the other, by several clients at once, until it is stopped. */
export class Requests {
    /** How many were answered with 201, by what was going on. */
    readonly answered: Record<string, number> = {};
    readonly lost: Lost[] = [];
    private during = "before";
    private readonly end = new AbortController();
    private readonly running: Promise<void>[];

    /** @param lab where to ask; it may be another one from one request to the next, as behind a load balancer */
    constructor(
        private readonly lab: () => Lab,
        requests: { client: Client; path: string }[],
    ) {
        this.running = requests.map(({ client, path }) => this.run(client, path));
    }

    /** From now on this is going on. */
    say(during: string): void {
        this.during = during;
    }

    private async run(client: Client, path: string): Promise<void> {
        while (!this.end.signal.aborted) {
            const { during } = this;
            const outcome = await ask(this.lab(), client, path, new AbortController().signal);
            if (outcome.is === "answer" && outcome.status === 201) {
                this.answered[during] = (this.answered[during] ?? 0) + 1;
            } else {
                this.lost.push({ during, outcome: JSON.stringify(outcome) });
            }
            // As many as two busy cores can take without the test measuring only them.
            await sleep(20);
        }
    }

    async stop(): Promise<void> {
        this.end.abort();
        await Promise.all(this.running);
    }
}
