import type { Gate } from "./gate";
import { type Need, need } from "./need";
import type { Snapshot } from "./verdict";

/** All rights that a gate needs. */
export function needsOfGate<T, K extends string>({ title, names, watches, needs = [] }: Gate<T, K>): Need[] {
    const nothing = Object.fromEntries(names.map((n) => [n, []])) as unknown as Snapshot<K>;
    const first = typeof watches === "function" ? watches(nothing) : watches;
    return [
        ...first.flatMap(({ kind, ...where }) => need(kind, ["list", "watch"], `waiting: ${title}`, where)),
        ...needs,
    ];
}
