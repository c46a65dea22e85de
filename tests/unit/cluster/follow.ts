import type { Verdict } from "../../../cluster/verdict";
import { type MeshTraces, type Moment, replayMesh } from "./replay";

/** A verdict, and when in its step it was given. */
export interface Said<T> {
    t: number;
    verdict: Verdict<T>;
}

/**
 * The verdicts of one step, judged as the recording goes: a moment's lists are those of its own time, and each step begins
 * where the one before ended. A step goes by the first word of its MARK.
 */
export function follow<T>(folder: MeshTraces, step: string, judge: (moment: Moment) => Verdict<T>): Said<T>[] {
    const said: Said<T>[] = [];
    let inside = false;
    for (const moment of replayMesh(folder)) {
        if (moment.action) {
            inside = nameOf(moment) === step;
        }
        if (inside) {
            said.push({ t: moment.t, verdict: judge(moment) });
        }
    }
    return said;
}

/** Every verdict of a whole recording, by step. */
export function followAll<T>(folder: MeshTraces, judge: (moment: Moment) => Verdict<T>): Map<string, Said<T>[]> {
    const all = new Map<string, Said<T>[]>();
    let step = "";
    for (const moment of replayMesh(folder)) {
        step = moment.action ? nameOf(moment) : step;
        all.set(step, [...(all.get(step) ?? []), { t: moment.t, verdict: judge(moment) }]);
    }
    return all;
}

function nameOf(moment: Moment): string {
    return (moment.action?.what ?? "").split(" ")[0];
}

/** "waiting ready@39790": each change of mind, and when. */
export function inWords<T>(said: Said<T>[]): string {
    return said
        .filter((s, i) => s.verdict.is !== said[i - 1]?.verdict.is)
        .map(({ t, verdict: { is } }) => (is === "waiting" ? is : `${is}@${t}`))
        .join(" ");
}

/** What it was waiting for, each once. */
export const whys = <T>(said: Said<T>[]): string[] => [
    ...new Set(said.flatMap(({ verdict }) => (verdict.is === "waiting" ? [verdict.why] : []))),
];
