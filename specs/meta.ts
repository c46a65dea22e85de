import { createHash } from "node:crypto";
import { MARK } from "../cluster/facts";

export interface ObjectMeta {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations: Record<string, string>;
}

/** Metadata with the mark of the stack, by which later runs know their own. */
export function marked(
    stack: string,
    name: string,
    namespace?: string,
    more: { labels?: Record<string, string>; annotations?: Record<string, string> } = {},
): ObjectMeta {
    return {
        name,
        ...(namespace === undefined ? {} : { namespace }),
        ...(more.labels === undefined ? {} : { labels: more.labels }),
        annotations: { ...more.annotations, [MARK]: stack },
    };
}

/** A short text that is the same for the same content. */
export function digest(content: unknown): string {
    return createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 12);
}
