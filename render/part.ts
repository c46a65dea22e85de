import type { Recording } from "./record";

/** The components that a namespace's services are made of. Who takes the namespace in keeps its membership and exceptions. */
const OF_SERVICES = ["AccessPolicies", "Ingress", "MeshedService"].map((name) => `mesh:index:${name}`);

/**
 * The URNs, in another stack, of what a workloads stack takes over from it: services with their rules and the way in, each
 * with all that is in it. Both call them the same. Pure.
 */
export function takenOver({ resources }: Recording, from: string): string[] {
    return resources
        .filter((r) => OF_SERVICES.includes(r.type))
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
