import type { RenderedFiles } from "../render/files";
import { changesBetween } from "./changes";
import { concernsOf } from "./concerns";
import { fieldChanges } from "./fields";
import { pictureOf } from "./from-files";
import { readPreview } from "./from-preview";
import type { EnvironmentReport } from "./markdown";
import type { Picture } from "./picture";

/** What becomes of an environment between two renderings; one of them may be missing: it comes, or it goes. */
export function fromRenderings(stack: string, before?: RenderedFiles, after?: RenderedFiles): EnvironmentReport {
    const nothing: Picture = { declared: [], outputs: {} };
    const report = compare(stack, before ? pictureOf(before) : nothing, after ? pictureOf(after) : nothing);
    const note =
        before === undefined
            ? "A new environment."
            : after === undefined
              ? "⚠ Its stack file goes, and what it made stays where it is: `pulumi destroy` takes that away."
              : undefined;
    return { ...report, note };
}

/** What an engine would do, from what `pulumi preview --json --show-sames` wrote. */
export function fromPreview(stack: string, text: string): EnvironmentReport {
    const { before, after, replaced } = readPreview(text);
    return compare(stack, before, after, replaced);
}

function compare(stack: string, before: Picture, after: Picture, known?: Map<string, string[]>): EnvironmentReport {
    const changes = changesBetween(before, after, known);
    return {
        stack,
        changes,
        concerns: concernsOf({ before, after, changes }),
        outputs: fieldChanges(before.outputs, after.outputs),
    };
}
