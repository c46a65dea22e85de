import logUpdate from "log-update";
import type { ProgressEvent } from "../../lab/engine/driver";
import { linesOf, logLineOf } from "./lines";
import { finish, type Model, newModel, take } from "./model";

const FRAME_MS = 100;
/** In a log, what a stage waits for is said at most this often. */
const LOG_PAUSE_MS = 2_000;

/** Shows a run while it goes on. */
export interface Screen {
    take(event: ProgressEvent): void;
    /** The last picture stays. */
    close(ok: boolean): void;
}

/** Redraws on a terminal (one that knows its size); elsewhere writes a line when something has changed. */
export function openScreen(stream: NodeJS.WriteStream): Screen {
    return stream.isTTY && stream.rows > 0 && stream.columns > 0
        ? new LiveScreen(stream)
        : new LogScreen((line) => stream.write(`${line}\n`));
}

class LiveScreen implements Screen {
    private readonly model: Model = newModel();
    private readonly timer = setInterval(() => this.draw(), FRAME_MS);
    private tick = 0;

    constructor(private readonly stream: NodeJS.WriteStream) {}

    take(event: ProgressEvent): void {
        take(this.model, event, Date.now());
    }

    close(ok: boolean): void {
        clearInterval(this.timer);
        finish(this.model, ok, Date.now());
        this.draw();
        logUpdate.done();
        this.model.warnings.forEach((warning) => this.stream.write(`warning: ${warning}\n`));
    }

    private draw(): void {
        const frame = { now: Date.now(), columns: this.stream.columns || 100, tick: this.tick++ };
        logUpdate(linesOf(this.model, frame).join("\n"));
    }
}

/** Pure but for `write`; the clock is given by tests. */
export class LogScreen implements Screen {
    private readonly model: Model = newModel();
    private readonly said = new Map<string, { line: string; at: number }>();
    private looked = false;

    constructor(
        private readonly write: (line: string) => void,
        private readonly clock: () => number = Date.now,
    ) {}

    take(event: ProgressEvent): void {
        const now = this.clock();
        if (event.type === "phase" && event.phase === "preview") {
            this.write(
                "… look             reading the cluster and working out what is to be done; nothing is touched yet",
            );
        }
        take(this.model, event, now);
        if (this.model.look !== undefined && !this.looked) {
            this.looked = true;
            this.write(`✓ look             ${this.model.look}`);
        }
        if (event.type === "message" && event.severity === "warning") {
            this.write(`  warning: ${event.text}`);
        }
        if (this.model.phase !== "preview") {
            this.sayChanges(now);
        }
    }

    close(ok: boolean): void {
        finish(this.model, ok, this.clock());
        this.sayChanges(this.clock());
    }

    private sayChanges(now: number): void {
        for (const stage of this.model.stages) {
            if (stage.state === "waiting") {
                continue;
            }
            const line = logLineOf(stage, now);
            const key = `${stage.state} ${(stage.says ?? "").replace(/\s*\(\d+ s\)$/, "")}`;
            const last = this.said.get(stage.title);
            const sameState = last?.line.startsWith(stage.state) ?? false;
            const soon = last !== undefined && sameState && now - last.at < LOG_PAUSE_MS;
            const silent = stage.state === "running" && stage.says === undefined && sameState;
            if (last?.line !== key && !soon && !silent) {
                this.said.set(stage.title, { line: key, at: now });
                this.write(line);
            }
        }
    }
}
