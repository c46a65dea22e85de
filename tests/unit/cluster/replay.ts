import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { KubeObject } from "../../../kube";

const TRACES = join(__dirname, "../../fixtures/traces");

/** What a person did, as an `olm/` recording has it. */
export interface Action {
    what: string;
    kind?: string;
    namespace?: string;
    name?: string;
}

/** The cluster after one line of a recording. */
export interface Moment {
    /** ms since the recording's start (olm) or since the step's MARK (maistra117, maistra25, sail). */
    t: number;
    action?: Action;
    /** The object of this line, in its new state; of a DELETED line, as it was last. */
    object?: KubeObject;
    event?: string;
    list(kind: string, namespace?: string): KubeObject[];
}

/** Recordings of the operators of the mesh, whose lines are differences. */
export type MeshTraces = "maistra117" | "maistra25" | "sail";

export function recordings(folder: "olm" | MeshTraces): string[] {
    return readdirSync(join(TRACES, folder))
        .filter((f) => f.endsWith(".jsonl"))
        .sort();
}

const SHORT: Record<string, string> = {
    sub: "Subscription",
    csv: "ClusterServiceVersion",
    og: "OperatorGroup",
    ip: "InstallPlan",
    dep: "Deployment",
    crd: "CustomResourceDefinition",
};

/** The moments of one OLM recording, in order. */
export function* replayOlm(file: string): Generator<Moment> {
    const lines = read("olm", file);
    const objects = new Map<string, KubeObject>();
    const list = lister(objects);
    for (const namespace of namespacesWithAnOldGroup(lines)) {
        put(objects, { apiVersion: "v1", kind: "OperatorGroup", metadata: { name: "there-before", namespace } });
    }
    for (const line of lines) {
        if (line.ev === "ACTION") {
            const { what, kind, ns: namespace, name } = line;
            yield { t: line.t, action: { what, kind: SHORT[kind] ?? kind, namespace, name }, list };
            continue;
        }
        const object = fromOlm(line);
        const known = line.ev !== "DELETED" && object.kind === "OperatorGroup";
        if (known) {
            // The recording names the group that was there before it only when OLM writes to it.
            objects.delete(keyOf("OperatorGroup", object.metadata.namespace, "there-before"));
        }
        line.ev === "DELETED"
            ? objects.delete(keyOf(object.kind, object.metadata.namespace, object.metadata.name))
            : put(objects, object);
        yield { t: line.t, event: line.ev, object, list };
    }
}

/** The moments of all steps of a recording, one after the other; lines are differences and are merged. */
export function* replayMesh(folder: MeshTraces, files = recordings(folder)): Generator<Moment> {
    const objects = new Map<string, KubeObject>();
    const list = lister(objects);
    for (const file of files) {
        for (const line of read(folder, file)) {
            if (line.ev === "MARK") {
                yield { t: 0, action: { what: line.msg }, list };
                continue;
            }
            const key = keyOf(line.kind, line.ns || undefined, line.name);
            const object = fromMesh(line, line.ev === "ADDED" ? undefined : objects.get(key));
            line.ev === "DELETED" ? objects.delete(key) : objects.set(key, object);
            yield { t: line.ms, event: line.ev, object, list };
        }
    }
}

function read(folder: string, file: string): any[] {
    return readFileSync(join(TRACES, folder, file), "utf8")
        .trimEnd()
        .split("\n")
        .map((l) => JSON.parse(l));
}

function fromOlm({ kind, ns: namespace, name, f }: any): KubeObject {
    const { labels, annotations, finalizers, deleting, owners, spec, status, replaces } = f;
    const object: KubeObject = {
        apiVersion: "recorded",
        kind,
        metadata: { name, namespace, labels, annotations, finalizers },
        spec: { ...spec, replaces },
        status: { ...status },
    };
    if (deleting) {
        object.metadata.deletionTimestamp = "2026-11-23T00:00:00Z";
    }
    object.metadata.ownerReferences = owners?.map((o: string) => ({
        apiVersion: "recorded",
        uid: o,
        kind: o.split("/")[0],
        name: o.split("/")[1],
    }));
    if (kind === "Subscription" && status.installPlanRef) {
        object.status.installPlanRef = { name: status.installPlanRef };
    }
    if (kind === "CustomResourceDefinition" && f.Established) {
        object.status.conditions = [{ type: "Established", status: f.Established }];
    }
    if (kind === "ClusterServiceVersion" && status.requirementStatus) {
        object.status.requirementStatus = status.requirementStatus.map((r: string) => {
            const [, k, n, s, message] = /^(\S+) (\S+): (\S+) \((.*)\)$/.exec(r) ?? [];
            return { kind: k, name: n, status: s, message };
        });
    }
    return object;
}

function fromMesh({ kind, gv, ns, name, o }: any, before?: KubeObject): KubeObject {
    const {
        generation,
        labels,
        annotations,
        finalizers,
        deletionTimestamp,
        spec,
        status,
        conds,
        replicas,
        ready,
        ...rest
    } = o;
    const meta = { generation, labels, annotations, finalizers, deletionTimestamp };
    const metadata = { ...before?.metadata, name, namespace: ns || undefined };
    for (const [key, value] of Object.entries(meta)) {
        if (value !== undefined) {
            Object.assign(metadata, { [key]: value });
        }
    }
    const conditions = (conds ?? ready?.map((r: string) => `Ready=${r}`))?.map((c: string) => {
        const [, type, condition, reason] = /^(\w+)=(\w+)(?:\/(\w+))?$/.exec(c) ?? [];
        return { type, status: condition, reason };
    });
    return {
        ...before,
        ...rest,
        apiVersion: gv,
        kind,
        metadata,
        spec: spec ?? before?.spec ?? {},
        status: { ...(status ?? before?.status), ...(conditions ? { conditions } : {}) },
    };
}

/** Namespaces where the recording's OperatorGroup was made before it began. */
function namespacesWithAnOldGroup(lines: any[]): string[] {
    const used = new Set<string>(lines.filter((l) => l.kind === "Subscription").map((l) => l.ns));
    const made = lines.filter((l) => l.kind === "OperatorGroup" && l.ev === "ADDED").map((l) => l.ns);
    return [...used].filter((ns) => !made.includes(ns));
}

function lister(objects: Map<string, KubeObject>) {
    return (kind: string, namespace?: string): KubeObject[] =>
        [...objects.values()].filter(
            (o) => o.kind === kind && (namespace === undefined || o.metadata.namespace === namespace),
        );
}

function put(objects: Map<string, KubeObject>, object: KubeObject): void {
    objects.set(keyOf(object.kind, object.metadata.namespace, object.metadata.name), object);
}

function keyOf(kind: string, namespace: string | undefined, name: string): string {
    return `${kind} ${namespace ?? ""}/${name}`;
}
