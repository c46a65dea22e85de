import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { KubeObject } from "../../../kube";

/** A line of a recording (tests/fixtures/traces/README.md), or of what we record ourselves. */
export interface Line {
    t: number;
    ev: "ACTION" | "ADDED" | "MODIFIED" | "DELETED";
    kind: string;
    ns?: string;
    name: string;
    /** The fields of interest, whole. */
    f?: any;
    what?: string;
    spec?: any;
    body?: any;
}

/** The recordings' catalogue had other versions of two packages; nothing hangs on them. */
const VERSIONS: [string, string][] = [
    ["jaeger-operator.v1.20.0", "jaeger-operator.v1.17.4"],
    ["elasticsearch-operator.4.5.0-202011132127.p0", "elasticsearch-operator.4.5.0-202008100413.p0"],
];

/** A recording, or several that follow each other, in the words of the lab. */
export function readTraces(names: string[], namespaces: Record<string, string>): Line[] {
    return names.reduce<Line[]>((lines, name) => {
        const from = lines.at(-1)?.t ?? 0;
        return [...lines, ...readTrace(name, namespaces).map((line) => ({ ...line, t: line.t + from }))];
    }, []);
}

/** Its own versions, and other namespaces, so that several can be played at once. */
function readTrace(name: string, namespaces: Record<string, string>): Line[] {
    let text = readFileSync(join(__dirname, "../../fixtures/traces/olm", `${name}.jsonl`), "utf8");
    for (const [theirs, ours] of VERSIONS) {
        text = text.replaceAll(theirs, ours);
    }
    for (const [theirs, ours] of Object.entries(namespaces)) {
        // A whole name only: openshift-operators is also the beginning of openshift-operators-redhat.
        text = text.replace(new RegExp(`(?<![-\\w])${theirs}(?![-\\w])`, "g"), ours);
    }
    return text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
}

/** An object as a recording would show it. */
export function fieldsOf(object: KubeObject): any {
    const { labels, annotations, finalizers, ownerReferences, deletionTimestamp } = object.metadata;
    const owners = ownerReferences?.map((o) => `${o.kind}/${o.name}`);
    const common = { labels, annotations, finalizers, owners, deleting: deletionTimestamp !== undefined };
    const status = object.status ?? {};
    switch (object.kind) {
        case "Subscription":
            return { ...common, spec: object.spec, status: { ...status, installPlanRef: status.installPlanRef?.name } };
        case "ClusterServiceVersion": {
            const requirements = status.requirementStatus?.map(
                (r: any) => `${r.kind} ${r.name}: ${r.status} (${r.message})`,
            );
            const { replaces } = object.spec;
            return { ...common, replaces, status: { ...status, requirementStatus: requirements } };
        }
        case "Event":
            return { involved: object.involvedObject, reason: object.reason, message: object.message };
        default:
            return { ...common, spec: object.spec, status };
    }
}
