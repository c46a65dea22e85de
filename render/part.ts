import type { Recording } from "./record";

const STACK = "pulumi:pulumi:Stack";

/**
 * The URNs, in another stack, of what a workloads stack takes over from it: its components that hold anything, with all
 * that is in them. Both call them the same. Pure.
 */
export function takenOver({ resources }: Recording, from: string): string[] {
    return resources
        .filter((r) => !r.custom && r.type !== STACK && resources.some((child) => child.parent === r.urn))
        .filter((r) => r.parent === undefined || r.parent.includes(`::${STACK}::`))
        .map((r) => r.urn.replace(/^urn:pulumi:[^:]+::/, `urn:pulumi:${from}::`));
}

/** What to run, for a POSIX shell. */
export function moveCommand(urns: readonly string[], from: string, to: string): string {
    const lines = [`pulumi state move --source ${from} --dest ${to}`, ...urns.map((urn) => `  ${quoted(urn)}`)];
    return lines.join(" \\\n");
}

/** A URN's types are joined by `$`, which a shell would read. */
function quoted(text: string): string {
    return `'${text.replaceAll("'", "'\\''")}'`;
}
