import { type Call, Client, outcome } from "./client";

export interface Sample {
    /** When it was sent and when it was answered, in ms. */
    sent: number;
    answered: number;
    /** "201", or the code of an error. */
    outcome: string;
}

/** Requests one after the other on each of several kept connections, until it is stopped. */
export class Load {
    readonly samples: Sample[] = [];
    private readonly running: Promise<void>[];
    private stopped = false;

    constructor(call: Call, connections = 4) {
        this.running = Array.from({ length: connections }, () => this.run(call));
    }

    private async run(call: Call): Promise<void> {
        const client = new Client();
        while (!this.stopped) {
            const sent = performance.now();
            const result = await outcome(client.call(call));
            this.samples.push({ sent, answered: performance.now(), outcome: result });
            // As many as two busy cores can take without the test measuring only them.
            await new Promise((resolve) => setTimeout(resolve, 2));
        }
        client.close();
    }

    /** Waits until this is true of what was asked so far; the test's own timeout is the only limit. */
    async until(isEnough: (samples: Sample[]) => boolean): Promise<void> {
        while (!isEnough(this.samples)) {
            await new Promise((resolve) => setTimeout(resolve, 5));
        }
    }

    /** Everything that was asked. */
    async stop(): Promise<Sample[]> {
        this.stopped = true;
        await Promise.all(this.running);
        return this.samples;
    }
}

/** How often each outcome came. */
export function counted(samples: Sample[]): Record<string, number> {
    const counts: Record<string, number> = {};
    samples.forEach((sample) => (counts[sample.outcome] = (counts[sample.outcome] ?? 0) + 1));
    return counts;
}
