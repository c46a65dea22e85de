import type { Kube } from "../kube";
import { approve } from "./approve";
import { GateError } from "./gate-error";
import type { Need } from "./need";
import type { GateProblem, Snapshot, Verdict, WatchSpec } from "./verdict";
import { WatchSet } from "./watch-set";

export { GateError };

/** What holds dependants back until the cluster says that a step is really done. */
export interface Gate<T, K extends string = string> {
    /** What is awaited, for progress lines: "operator servicemeshoperator". */
    title: string;
    /** What to say when it does not come: "servicemeshoperator did not install". */
    failure: string;
    /** Every name that a watch may use, so that a verdict always gets a list. */
    names: readonly K[];
    /**
     * Watches to keep; a function is asked again after every change, for watches that are known only by what others
     * show.
     */
    watches: WatchSpec<K>[] | ((seen: Snapshot<K>) => WatchSpec<K>[]);
    verdict(seen: Snapshot<K>): Verdict<T>;
    timeoutSeconds: number;
    /**
     * Runs once the verdict is `ready`; when it is done the verdict must still say so. E.g. the webhook probe. What it
     * returns is said with the verdict's own words.
     */
    confirm?(value: T, held: Held): Promise<string | undefined | void>;
    /** What to do when it has not come in time, besides what the last verdict said. */
    late?: string[];
    /** Rights that it needs beside those to the watches that it begins with. */
    needs?: Need[];
}

/** What a gate's `confirm` gets: the API, the end of patience, and a way to say what it waits for. */
export interface Held {
    kube: Kube;
    signal: AbortSignal;
    waiting(why: string, todo?: string[]): void;
}

export interface HoldOptions {
    /** Ends the wait from outside; hold() then throws the signal's reason. */
    signal?: AbortSignal;
    /** Pauses; tests shorten them. */
    pace?: Partial<Pace>;
}

interface Pace {
    /** Shortest time between two progress lines, in ms. */
    reportMs: number;
    /** After this many ms without a change the last line is said again. */
    heartbeatMs: number;
    /**
     * For how many ms a `failed` must stand that was there from the first moment: it may be older than the change that
     * was made just before the gate began (OLM writes no generation into a Subscription's conditions; recorded: olm g1,
     * h1). Any later one counts at once.
     */
    settleMs: number;
}

const PACE: Pace = { reportMs: 300, heartbeatMs: 10_000, settleMs: 3_000 };

/**
 * Watches until the verdict is `ready` and returns its value; says what it is waiting for, for how long, and the
 * cluster's last words. Errors: GateError when the verdict is `failed`, when the time is up, or when the cluster
 * refuses what the gate needs.
 */
export function hold<T, K extends string>(
    kube: Kube,
    gate: Gate<T, K>,
    report: (line: string) => void,
    options: HoldOptions = {},
): Promise<T> {
    return new Holding(kube, gate, report, options).run();
}

class Holding<T, K extends string> {
    private readonly started = Date.now();
    private readonly stop = new AbortController();
    private readonly pace: Pace;
    private readonly watches: WatchSet<K>;
    private readonly acted = new Set<string>();
    private readonly timers: NodeJS.Timeout[] = [];
    private readonly promise: Promise<T>;
    private resolve!: (value: T) => void;
    private reject!: (error: unknown) => void;

    private last: { why: string; todo?: string[] } = { why: "nothing has been read yet" };
    private said = "";
    private saidAt = 0;
    private evaluated = false;
    private failedFromStart = false;
    private following = false;
    private followed = false;
    private word?: string;

    constructor(
        private readonly kube: Kube,
        private readonly gate: Gate<T, K>,
        private readonly report: (line: string) => void,
        private readonly options: HoldOptions,
    ) {
        this.pace = { ...PACE, ...options.pace };
        this.watches = new WatchSet(kube, gate.names, this.stop.signal, () => this.guarded(() => this.evaluate()));
        this.promise = new Promise<T>((resolve, reject) => {
            this.resolve = resolve;
            this.reject = reject;
        });
    }

    run(): Promise<T> {
        const { signal } = this.options;
        if (signal?.aborted) {
            return Promise.reject(signal.reason);
        }
        signal?.addEventListener("abort", () => this.finish(() => this.reject(signal.reason)), {
            signal: this.stop.signal,
        });
        this.timers.push(
            setTimeout(() => this.timeUp(), this.gate.timeoutSeconds * 1000),
            setInterval(() => this.say(true), this.pace.heartbeatMs),
            setInterval(() => this.say(false), this.pace.reportMs),
        );
        this.guarded(() => this.evaluate());
        return this.promise;
    }

    private evaluate(): void {
        const { watches } = this.gate;
        this.watches.open(typeof watches === "function" ? watches(this.watches.snapshot()) : watches);
        const refused = this.watches.refused();
        if (refused && this.stands()) {
            return this.fail({ ...refused, todo: ["Ask for that right, or run with an account that has it."] });
        }
        const reading = this.watches.reading();
        if (reading) {
            return this.wait({ why: reading });
        }
        const verdict = this.gate.verdict(this.watches.snapshot());
        const first = !this.evaluated;
        this.evaluated = true;
        this.failedFromStart = verdict.is === "failed" && (first || this.failedFromStart);
        switch (verdict.is) {
            case "failed":
                if (!this.failedFromStart || this.stands()) {
                    return this.fail(verdict.problem);
                }
                return this.wait({ why: verdict.problem.said || verdict.problem.expected });
            case "ready":
                return this.gate.confirm && !this.followed
                    ? this.follow(verdict.value)
                    : this.open(verdict.value, [verdict.say, this.word].filter(Boolean).join("; "));
            case "act":
                this.wait({ why: verdict.why });
                return void this.act(verdict.act);
            case "waiting":
                this.followed = false;
                return this.wait(verdict);
        }
    }

    /** Whether so much time has passed that what is seen cannot be a leftover from before. */
    private stands(): boolean {
        const rest = this.started + this.pace.settleMs - Date.now();
        if (rest > 0) {
            this.timers.push(setTimeout(() => this.guarded(() => this.evaluate()), rest + 1));
        }
        return rest <= 0;
    }

    private follow(value: T): void {
        if (this.following || !this.gate.confirm) {
            return;
        }
        this.following = true;
        const waiting = (why: string, todo?: string[]): void => this.wait({ why, todo });
        this.gate
            .confirm(value, { kube: this.kube, signal: this.stop.signal, waiting })
            .then((word) => {
                this.following = false;
                this.followed = true;
                this.word = word ?? undefined;
                this.guarded(() => this.evaluate());
            })
            .catch((error) => this.finish(() => this.reject(error)));
    }

    /** Approves an InstallPlan, each at most once: OLM says what comes of it. */
    private async act(act: { namespace: string; name: string }): Promise<void> {
        const plan = `${act.namespace}/${act.name}`;
        if (!this.acted.has(plan)) {
            this.acted.add(plan);
            const problem = await approve(this.kube, act);
            if (problem) {
                this.fail(problem);
            }
        }
    }

    private wait(now: { why: string; todo?: string[] }): void {
        const trouble = this.watches.trouble();
        this.last = trouble ? { ...now, why: `${now.why} (${trouble})` } : now;
        this.say(false);
    }

    private say(heartbeat: boolean): void {
        const now = Date.now();
        const changed = this.last.why !== this.said;
        if (
            (changed && now - this.saidAt >= this.pace.reportMs) ||
            (heartbeat && now - this.saidAt >= this.pace.heartbeatMs)
        ) {
            this.said = this.last.why;
            this.saidAt = now;
            this.report(`${this.gate.title}: ${this.last.why} (${Math.round(this.waited())} s)`);
        }
    }

    private open(value: T, say?: string): void {
        this.finish(() => {
            if (say) {
                this.report(`${this.gate.title}: ${say}`);
            }
            this.resolve(value);
        });
    }

    private fail(problem: GateProblem): void {
        const end = { failure: this.gate.failure, waitedSeconds: this.waited(), problem };
        this.finish(() => this.reject(new GateError(end)));
    }

    private timeUp(): void {
        const todo = [...(this.last.todo ?? []), ...(this.gate.late ?? [])];
        const end = { failure: this.gate.failure, waitedSeconds: this.waited(), lastSeen: this.last.why, todo };
        this.finish(() => this.reject(new GateError(end)));
    }

    private finish(settle: () => void): void {
        if (this.stop.signal.aborted) {
            return;
        }
        this.timers.forEach((t) => clearTimeout(t));
        this.stop.abort();
        settle();
    }

    private guarded(step: () => void): void {
        if (this.stop.signal.aborted) {
            return;
        }
        try {
            step();
        } catch (error) {
            this.finish(() => this.reject(error));
        }
    }

    private waited(): number {
        return (Date.now() - this.started) / 1000;
    }
}
