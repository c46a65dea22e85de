import type { Call } from "../model";

/** Calls that share a line: from one namespace, or to one service. */
export interface Bundle {
    key: string;
    from: string[];
    to: string[];
}

/** @param isService whether something is drawn by that id; callers that are not stand for their namespace */
export function bundles(calls: Call[], isService: (id: string) => boolean): Bundle[] {
    const made = new Map<string, Bundle>();
    for (const { from, to } of calls) {
        const source = isService(from) ? from : from.split("/")[0];
        const key = isService(from) ? `to ${to}` : `from ${source}`;
        const bundle = made.get(key) ?? { key, from: [], to: [] };
        made.set(key, bundle);
        bundle.from = [...new Set([...bundle.from, source])];
        bundle.to = [...new Set([...bundle.to, to])];
    }
    return [...made.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/**
 * A lane for each bundle, so that none lies on another: short ones first, which are then nearest.
 * @param spans where each begins and ends
 */
export function lanesOf(spans: { key: string; top: number; bottom: number }[]): Map<string, number> {
    const lanes: { top: number; bottom: number }[][] = [];
    const result = new Map<string, number>();
    const byLength = [...spans].sort((a, b) => a.bottom - a.top - (b.bottom - b.top) || (a.key < b.key ? -1 : 1));
    for (const { key, top, bottom } of byLength) {
        const free = lanes.findIndex((lane) => lane.every((other) => other.bottom + 4 < top || bottom + 4 < other.top));
        const at = free < 0 ? lanes.push([]) - 1 : free;
        lanes[at].push({ top, bottom });
        result.set(key, at);
    }
    return result;
}
