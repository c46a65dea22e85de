import type { Call } from "../model";
import type { Box, Canvas } from "./canvas";
import { n } from "./canvas";
import { type Bundle, bundles, lanesOf } from "./lanes";

const LANE = 10;
const MOST = 130;

/** How much room the lines of calls need on the right. */
export function gutterOf(calls: Call[], isService: (id: string) => boolean): number {
    const count = bundles(calls, isService).length;
    return count === 0 ? 0 : 22 + Math.min(count * LANE, MOST);
}

/** Lines from who may call to what they may call. @param places of services and namespaces, by id @param x where lanes begin */
export function drawCalls(canvas: Canvas, calls: Call[], places: Map<string, Box>, x: number, width: number): void {
    const all = bundles(calls, (id) => places.has(id) && id.includes("/"));
    const ports = portsOf(all, places);
    const spans = all.map((bundle) => {
        const ys = [...bundle.from, ...bundle.to].map((id) => ports.get(portOf(bundle, id)) ?? 0);
        return { key: bundle.key, top: Math.min(...ys), bottom: Math.max(...ys) };
    });
    const lanes = lanesOf(spans);
    const step = Math.min(LANE, (width - 22) / (Math.max(0, ...lanes.values()) + 1));
    for (const bundle of all) {
        const lane = x + 14 + (lanes.get(bundle.key) ?? 0) * step;
        for (const from of bundle.from) {
            const [start, startY] = [right(places, from), ports.get(portOf(bundle, from)) ?? 0];
            canvas.dot(start, startY, "head-call");
            for (const to of bundle.to) {
                const [end, endY] = [right(places, to), ports.get(portOf(bundle, to)) ?? 0];
                canvas.path(`M${n(start)} ${n(startY)}H${n(lane)}V${n(endY)}H${n(end + 2)}`, "call", "call");
            }
        }
    }
}

const portOf = ({ key }: Bundle, id: string): string => `${key} at ${id}`;

function right(places: Map<string, Box>, id: string): number {
    const box = places.get(id);
    return box === undefined ? 0 : box.x + box.width;
}

/** Heights at which bundles touch things: each its own, evenly apart. */
function portsOf(all: Bundle[], places: Map<string, Box>): Map<string, number> {
    const ports = new Map<string, number>();
    for (const [id, box] of places) {
        const here = all.filter(({ from, to }) => from.includes(id) || to.includes(id));
        here.forEach((bundle, i) => {
            ports.set(portOf(bundle, id), box.y + (box.height * (i + 1)) / (here.length + 1));
        });
    }
    return ports;
}
