import type { KubeObject, OwnerReference } from "../../../kube";
import { comparable, type Line, type Recorded, recording } from "../../unit/maistra-standin/recording";
import type { Entry } from "./journal";

/** One thing that happened, in words that do not depend on the run: a recorded and a seen one are equal or not. */
export type Told = string;

const MESH_KINDS = ["ServiceMeshControlPlane", "ServiceMeshMemberRoll", "ServiceMeshMember"];
/** What says whether the mesh speaks mTLS: of these the spec is told, too. */
const POLICIES = ["ServiceMeshPolicy", "PeerAuthentication"];
/** Of these only coming and going is told. */
const OBJECTS = [
    ...["Deployment", "DestinationRule", "NetworkPolicy", "RoleBinding", "Route", "ServiceMeshPolicy"],
    ...["PeerAuthentication", "Jaeger", "Kiali"],
    ...["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
];

/** Recorded namespace or name -> the one that a test uses instead. */
export type Renaming = Record<string, string>;

interface Happening {
    event: string;
    kind: string;
    namespace: string;
    name: string;
    /** What is new: see the recordings' `o`. */
    changed: Record<string, any>;
}

/** The recorded step, with the names of the test. */
export function recorded(step: string, names: Renaming, of?: Recorded): Happening[] {
    const renamed = (text: string) =>
        Object.entries(names).reduce((all, [from, to]) => all.replaceAll(new RegExp(`\\b${from}\\b`, "g"), to), text);
    return recording(step, of)
        .map((line): Line => JSON.parse(renamed(JSON.stringify(line))))
        .filter((line) => ["ADDED", "MODIFIED", "DELETED"].includes(line.ev))
        .map((line) => ({ event: line.ev, kind: line.kind, namespace: line.ns, name: line.name, changed: line.o }));
}

export function seen(entries: Entry[]): Happening[] {
    return entries.map(({ event, object, before }) => ({
        event,
        kind: object.kind,
        namespace: object.metadata.namespace ?? "",
        name: object.metadata.name,
        changed: event === "DELETED" ? {} : changes(object, before),
    }));
}

/** What the tests look at of these happenings, in order. */
export function tell(happenings: Happening[], concerns: (happening: Happening) => boolean): Told[] {
    const told = happenings.filter(concerns).flatMap((happening) => {
        const { event, kind, namespace, name, changed } = happening;
        const id = `${kind} ${namespace}/${name}`;
        if (kind === "Namespace") {
            return event === "MODIFIED" && changed.labels ? [`${id} labels ${meshLabels(changed.labels)}`] : [];
        }
        if (OBJECTS.includes(kind)) {
            const spec = POLICIES.includes(kind) && changed.spec ? ` ${JSON.stringify(changed.spec)}` : "";
            return event === "MODIFIED" && !spec ? [] : [`${event} ${id}${spec}`];
        }
        return MESH_KINDS.includes(kind) ? tellMesh(event, id, changed) : [];
    });
    return inOrder(told);
}

/** Things that come one way or the other, run by run: Mixer's DestinationRules (N1, N7a), copies in members (R1, R8). */
const EITHER_WAY = [
    /^ADDED DestinationRule .*\/istio-(policy|telemetry)$/,
    /^(ADDED|DELETED) (RoleBinding|NetworkPolicy) /,
    // Of its own kinds 2.5 prunes one or another first (M4d, M6d, M7a).
    /^DELETED (Kiali|Jaeger|PeerAuthentication|DestinationRule) /,
];

function inOrder(told: Told[]): Told[] {
    return EITHER_WAY.reduce((lines, rule) => {
        const places = lines.flatMap((line, index) => (rule.test(line) ? [index] : []));
        const ordered = places.map((index) => lines[index]).sort();
        return lines.map((line, index) => (places.includes(index) ? ordered[places.indexOf(index)] : line));
    }, told);
}

/**
 * Without what of a status is a matter of milliseconds: which Deployments have been looked at since their last change.
 */
export function withoutCounts(happenings: Happening[]): Happening[] {
    return happenings.map((happening) => {
        const { annotations, readiness: _, ...status } = happening.changed.status ?? {};
        const { readyComponentCount: __, ...kept } = annotations ?? {};
        const changed = { ...happening.changed, status: { ...status, annotations: kept } };
        return happening.changed.status ? { ...happening, changed } : happening;
    });
}

/** The Events that the operator recorded on an object, in order; what a repeated one counts up is left out. */
export function toldEvents(happenings: Happening[], kind: string, namespace: string): Told[] {
    return happenings
        .filter((h) => h.kind === "Event" && h.event === "ADDED" && h.namespace === namespace)
        .filter(({ changed }) => changed.obj.startsWith(`${kind}/`))
        .map(({ changed }) => `${changed.type} ${changed.reason}: ${changed.msg}`);
}

function tellMesh(event: string, id: string, changed: Record<string, any>): Told[] {
    if (event === "DELETED") {
        return [`DELETED ${id}`];
    }
    const { finalizers, owners, status, deletionTimestamp, spec } = changed;
    const told: Told[] = [];
    if (event === "ADDED") {
        told.push(`ADDED ${id} ${JSON.stringify(sorted(spec ?? {}))}`);
    } else if (spec) {
        told.push(`${id} spec ${JSON.stringify(sorted(spec))}`);
    }
    if (deletionTimestamp) {
        told.push(`${id} deleted`);
    } else if (finalizers) {
        told.push(`${id} finalizers ${finalizers}`);
    }
    if (owners && event !== "ADDED") {
        told.push(`${id} owners ${owners}`);
    }
    if (status) {
        told.push(`${id} status ${JSON.stringify(sorted(comparable(status)))}`);
    }
    return told;
}

function changes(object: KubeObject, before?: KubeObject): Record<string, any> {
    const now = view(object);
    const then = before ? view(before) : {};
    return Object.fromEntries(
        Object.entries(now).filter(
            ([key, value]) => value !== undefined && JSON.stringify(value) !== JSON.stringify(then[key]),
        ),
    );
}

function view({ metadata, spec, status, ...rest }: KubeObject): Record<string, any> {
    if (rest.kind === "Event") {
        const { type, reason, message, involvedObject } = rest;
        return { type, reason, msg: message, obj: `${involvedObject.kind}/${involvedObject.name}` };
    }
    return {
        labels: metadata.labels,
        finalizers: metadata.finalizers,
        deletionTimestamp: metadata.deletionTimestamp,
        owners: metadata.ownerReferences?.map((owner: OwnerReference) => `${owner.kind}/${owner.name}`),
        spec,
        status: rest.apiVersion === "maistra.io/v2" ? withoutComponents(status) : status,
    };
}

/** The fixtures of 2.5 leave them out. */
function withoutComponents(status: Record<string, any> | undefined): object | undefined {
    const { components: _, ...rest } = status ?? {};
    return status && rest;
}

function meshLabels(labels: Record<string, string>): string {
    const own = Object.entries(labels).filter(([key]) => key.startsWith("maistra.io/"));
    return JSON.stringify(sorted(Object.fromEntries(own)));
}

/** Keys in order, deeply: JSON text then tells equal from different. */
function sorted(value: any): any {
    if (Array.isArray(value)) {
        return value.map(sorted);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    return Object.fromEntries(
        Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, inner]) => [key, sorted(inner)]),
    );
}
