import type { Recorded } from "../render/record";
import type { Declared } from "./rule";
import { UNKNOWN } from "./values";

/** How a rendering writes what it does not show: what only a provider knows, and secrets. */
const HIDDEN = ["[unknown]", "[secret]"];

/** A rendering's resources as rules see them. What it does not show is not known. */
export function fromRendering(resources: readonly Recorded[]): Declared[] {
    return resources.map(({ type, name, urn, inputs, protect }) => ({
        type,
        name,
        urn,
        props: reveal(inputs) as Record<string, unknown>,
        opts: { protect: protect === true },
    }));
}

function reveal(value: unknown): unknown {
    if (typeof value === "string" && HIDDEN.includes(value)) {
        return UNKNOWN;
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    return Array.isArray(value)
        ? value.map(reveal)
        : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reveal(inner)]));
}
