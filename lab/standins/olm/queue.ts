import { setTimeout as sleep } from "node:timers/promises";

/** After a failure, milliseconds as they are: in a namespace that is going, say, everything fails, at any speed. */
const RETRY_MS = 500;

interface Entry {
    due: number;
    timer: Promise<void>;
}

/**
 * Work by key: a key that is added while it waits is done once, one that is added while it is worked on is done again
 * afterwards. Different keys are worked on at the same time. Failures are logged and tried again a little later.
 */
export class WorkQueue {
    private readonly waiting = new Map<string, Entry>();
    private readonly busy = new Set<string>();
    private readonly again = new Map<string, number>();

    constructor(
        private readonly work: (key: string) => Promise<void>,
        private readonly host: {
            delay(realMs: number): Promise<void>;
            log(line: string): void;
            signal: AbortSignal;
            timeScale(): number;
        },
    ) {}

    /** Does the key after `realMs` (scaled) at the latest; an earlier appointment stays, a later one is moved up. */
    add(key: string, realMs = 0): void {
        if (this.host.signal.aborted) {
            return;
        }
        if (this.busy.has(key)) {
            this.again.set(key, Math.min(realMs, this.again.get(key) ?? Infinity));
            return;
        }
        const due = Date.now() + realMs * this.host.timeScale();
        const waiting = this.waiting.get(key);
        if (waiting && waiting.due <= due) {
            return;
        }
        const entry: Entry = { due, timer: Promise.resolve() };
        this.waiting.set(key, entry);
        // Even without a delay the work starts in a later turn, so that what comes in together is done together.
        entry.timer = this.host.delay(realMs).then(
            () => this.start(key, entry),
            () => undefined,
        );
    }

    private async start(key: string, entry: Entry): Promise<void> {
        if (this.waiting.get(key) !== entry) {
            return;
        }
        this.waiting.delete(key);
        this.busy.add(key);
        let retry = false;
        try {
            await this.work(key);
        } catch (error) {
            retry = true;
            if (!this.host.signal.aborted) {
                this.host.log(`${key}: ${(error as Error).message}`);
            }
        }
        this.busy.delete(key);
        const again = this.again.get(key);
        this.again.delete(key);
        if (retry) {
            await sleep(RETRY_MS, undefined, { signal: this.host.signal }).catch(() => undefined);
        }
        if (retry || again !== undefined) {
            this.add(key, retry ? 0 : again);
        }
    }
}
