import type { StandInContext } from "../../types";

/** The pauses after failures, as of controller-runtime's queues: 5 ms, doubled each time, here mostly at most 10 s. */
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Works on keys: one run of a key at a time; a key that is added during its run is run once more; a run that throws
 * is tried again after a growing pause. Ends with the signal of its context.
 */
export class WorkQueue {
    private readonly running = new Set<string>();
    private readonly again = new Set<string>();

    constructor(
        private readonly context: Pick<StandInContext, "signal" | "delay" | "log">,
        private readonly name: string,
        private readonly work: (key: string) => Promise<void>,
        private readonly longestPause = LONGEST_PAUSE_MS,
    ) {}

    add(key: string): void {
        if (this.running.has(key)) {
            this.again.add(key);
        } else if (!this.context.signal.aborted) {
            this.running.add(key);
            void this.run(key);
        }
    }

    private async run(key: string): Promise<void> {
        let pause = FIRST_PAUSE_MS;
        let lastError: string | undefined;
        do {
            this.again.delete(key);
            try {
                await this.work(key);
                pause = FIRST_PAUSE_MS;
            } catch (error) {
                if (this.context.signal.aborted) {
                    break;
                }
                const said = error instanceof Error ? error.message : String(error);
                if (said !== lastError) {
                    this.context.log(`${this.name} ${key}: ${said}`);
                    lastError = said;
                }
                this.again.add(key);
                await this.context.delay(pause).catch(() => undefined);
                pause = Math.min(pause * 2, this.longestPause);
            }
        } while (this.again.has(key) && !this.context.signal.aborted);
        this.running.delete(key);
    }
}

/** What a queue calls an object. */
export function keyOf(namespace: string | undefined, name: string): string {
    return `${namespace ?? ""}/${name}`;
}

export function splitKey(key: string): { namespace: string; name: string } {
    const at = key.indexOf("/");
    return { namespace: key.slice(0, at), name: key.slice(at + 1) };
}
