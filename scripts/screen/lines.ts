import type { Item, Model, Stage } from "./model";

export const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const TITLE_WIDTH = 16;
const TIME_WIDTH = 8;

export interface Frame {
    now: number;
    /** How wide the terminal is. */
    columns: number;
    /** Which picture of the spinner. */
    tick: number;
}

/** The whole screen of a run: a line a stage, nothing wrapped. */
export function linesOf(model: Model, frame: Frame): string[] {
    const looking = model.phase === "preview";
    const look: Line = {
        mark: looking ? spinner(frame) : "✓",
        title: "look",
        text: model.look ?? "reading the cluster and working out what is to be done; nothing is touched yet",
        seconds: looking ? elapsed(model.phaseBegunAt, frame.now) : undefined,
    };
    return [look, ...model.stages.filter((s) => s.items.size > 0).map((s) => lineOf(s, frame))].map((line) =>
        layOut(line, frame.columns),
    );
}

interface Line {
    mark: string;
    title: string;
    text: string;
    seconds?: number;
}

function lineOf(stage: Stage, frame: Frame): Line {
    const { title, begunAt = frame.now, endedAt = frame.now } = stage;
    switch (stage.state) {
        case "waiting":
            return { mark: " ", title, text: namesOf(stage) };
        case "running":
            return { mark: spinner(frame), title, text: saysOf(stage), seconds: elapsed(begunAt, frame.now) };
        case "done":
            return { mark: "✓", title, text: resultOf(stage), seconds: elapsed(begunAt, endedAt) };
        case "failed":
            return { mark: "✗", title, text: saysOf(stage), seconds: elapsed(begunAt, endedAt) };
    }
}

/** One line without a terminal's means: for logs, when a stage has changed. */
export function logLineOf(stage: Stage, now: number): string {
    const line = lineOf(stage, { now, columns: 0, tick: 0 });
    const mark = stage.state === "running" ? "…" : line.mark;
    return layOut({ ...line, mark }, Number.POSITIVE_INFINITY);
}

function layOut({ mark, title, text, seconds }: Line, columns: number): string {
    const head = `${mark} ${title.padEnd(TITLE_WIDTH)} `;
    const time = seconds === undefined || seconds < 1 ? "" : inWords(seconds);
    if (!Number.isFinite(columns)) {
        return `${head}${text}${time === "" ? "" : ` (${time})`}`;
    }
    const room = Math.max(20, columns - head.length - TIME_WIDTH - 1);
    const fitted = text.length > room ? `${text.slice(0, room - 1)}…` : text.padEnd(room);
    return `${head}${fitted}${time.padStart(TIME_WIDTH)}`.trimEnd();
}

export function inWords(seconds: number): string {
    return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

function elapsed(from: number, to: number): number {
    return (to - from) / 1000;
}

function spinner({ tick }: Frame): string {
    return SPINNER[tick % SPINNER.length];
}

function namesOf(stage: Stage): string {
    return [...stage.items.values()].map(nameOf).join(", ");
}

/** "microsvc-sample/sample" is "sample" for who reads it here. */
function nameOf(item: Item): string {
    return item.name.split("/").pop()!;
}

function saysOf(stage: Stage): string {
    return stage.says?.replace(/\s*\(\d+ s\)$/, "") ?? namesOf(stage);
}

/** What has come of a stage: what its components say of themselves, else their names. */
function resultOf(stage: Stage): string {
    const results = [...stage.items.values()].map(resultOfItem);
    return results.join(" · ");
}

function resultOfItem(item: Item): string {
    const { csv, configured, hosts } = item.outputs;
    if (typeof csv === "string") {
        return csvInWords(csv);
    }
    if (Array.isArray(configured)) {
        return configured.join(", ");
    }
    if (typeof hosts === "object" && hosts !== null) {
        const names = Object.values(hosts);
        return names.join(", ");
    }
    return nameOf(item);
}

/** "kiali-operator.v1.12.15" → "kiali-operator 1.12.15". */
export function csvInWords(csv: string): string {
    const [, name, version] = /^(.*?)\.v?(\d.*)$/.exec(csv) ?? [];
    return name === undefined ? csv : `${name} ${version}`;
}
