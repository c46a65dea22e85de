/**
 * How fast one of OLM's operators may ask: client-go's token bucket, first come first served, in scaled time. It is
 * what makes four operators take 10 to 17 s on any machine (recorded: olm b).
 */
export class Throttle {
    private tokens: number;
    private last = 0;
    private queue: Promise<void> = Promise.resolve();

    /** `rate` reads requests a real second, burst and the time scale now; `delay` waits real milliseconds, scaled. */
    constructor(
        private readonly rate: () => { perSecond: number; burst: number; timeScale: number },
        private readonly delay: (realMs: number) => Promise<void>,
        private readonly now: () => number = Date.now,
    ) {
        this.tokens = rate().burst;
        this.last = now();
    }

    /** Waits until `requests` more may be sent. */
    take(requests = 1): Promise<void> {
        const turn = this.queue.then(() => this.spend(requests));
        this.queue = turn.catch(() => undefined);
        return turn;
    }

    private async spend(requests: number): Promise<void> {
        this.refill();
        this.tokens -= requests;
        if (this.tokens < 0) {
            await this.delay((-this.tokens / this.rate().perSecond) * 1000);
        }
    }

    private refill(): void {
        const { perSecond, burst, timeScale } = this.rate();
        const now = this.now();
        const realSeconds = timeScale > 0 ? (now - this.last) / 1000 / timeScale : Infinity;
        this.tokens = Math.min(burst, this.tokens + realSeconds * perSecond);
        this.last = now;
    }
}
