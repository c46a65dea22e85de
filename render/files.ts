import { stringify } from "yaml";
import type { Recording } from "./record";
import { graph, manifests } from "./render";

export const FILES = ["manifests.yaml", "graph.txt", "outputs.yaml"] as const;

/** A rendering as text, by file name. */
export type RenderedFiles = Record<(typeof FILES)[number], string>;

/** The three files of a rendering: what is declared, in which order, and what the stack tells others. */
export function filesOf(rendering: Recording): RenderedFiles {
    return {
        "manifests.yaml": manifests(rendering),
        "graph.txt": graph(rendering),
        "outputs.yaml": stringify(rendering.outputs, { sortMapEntries: true }),
    };
}
