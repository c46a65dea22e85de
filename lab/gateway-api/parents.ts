import type { KubeObject } from "../../kube";
import { covers, intersection } from "../dataplane/translate/hosts";
import type { Listener } from "./listeners";
import { GATEWAY, GROUP } from "./names";

/** What a route says of one of its parents, as it is written. */
export interface ParentRef {
    group?: string;
    kind?: string;
    namespace?: string;
    name: string;
    sectionName?: string;
    port?: number;
}

/** A route and one listener of one of its parents. */
export interface Attachment {
    ref: ParentRef;
    listener: Listener;
    /** Why the listener does not take the route. */
    denied?: { reason: string; message: string };
}

/** Every listener of every parent that a route names; a parent that is not there has none. */
export function attachmentsOf(route: KubeObject, listeners: Listener[]): Attachment[] {
    const { namespace = "" } = route.metadata;
    const refs: ParentRef[] = route.spec.parentRefs ?? [];
    return refs.filter(isGateway).flatMap((ref) =>
        listeners
            .filter(({ gateway: { metadata } }) => metadata.name === ref.name)
            .filter(({ gateway: { metadata } }) => metadata.namespace === (ref.namespace ?? namespace))
            .map((listener) => ({ ref, listener, denied: denial(route, ref, listener) })),
    );
}

/** Hosts of a route: "*" when it names none. */
export function hostnamesOf(route: KubeObject): string[] {
    const hostnames: string[] = route.spec.hostnames ?? [];
    return hostnames.length === 0 ? ["*"] : hostnames;
}

/**
 * Whether a host of a route is the listener's to serve: not if another one of its Gateway, for the same port and
 * protocol, is the more exact (hostnameAllowedByIsolation in conversion.go).
 */
export function isServedBy(hostname: string, listener: Listener, all: Listener[]): boolean {
    if (intersection(listener.hostname, hostname) === undefined) {
        return false;
    }
    return !all
        .filter((other) => other !== listener && other.gateway === listener.gateway)
        .filter((other) => other.port === listener.port && other.protocol === listener.protocol)
        .filter((other) => other.hostname !== listener.hostname && listener.hostname.startsWith("*"))
        .some((other) => other.hostname.length >= listener.hostname.length && covers(other.hostname, hostname));
}

function isGateway({ group = GROUP, kind = GATEWAY.kind }: ParentRef): boolean {
    return group === GROUP && kind === GATEWAY.kind;
}

/** In the order in which istiod looks, with its words (referenceAllowed in conversion.go). */
function denial(route: KubeObject, ref: ParentRef, listener: Listener): Attachment["denied"] {
    if (ref.port !== undefined && ref.port !== listener.port) {
        return { reason: "NoMatchingParent", message: `port ${ref.port} not found` };
    }
    if (ref.sectionName !== undefined && ref.sectionName !== listener.name) {
        return { reason: "NoMatchingParent", message: `sectionName "${ref.sectionName}" not found` };
    }
    const { namespace = "" } = route.metadata;
    const original = listener.hostname === "*" ? "" : listener.hostname;
    if (!hostnamesOf(route).some((hostname) => intersection(listener.hostname, hostname) !== undefined)) {
        return { reason: "NoMatchingListenerHostname", message: `no hostnames matched parent hostname "${original}"` };
    }
    if (listener.namespaces !== "all" && !listener.namespaces.includes(namespace)) {
        return {
            reason: "NotAllowedByListeners",
            message:
                `hostnames matched parent hostname "${original}", but namespace "${namespace}" ` +
                "is not allowed by the parent",
        };
    }
    if (!listener.kinds.some(({ group, kind }) => group === GROUP && kind === route.kind)) {
        return { reason: "NotAllowedByListeners", message: `kind ${GROUP}/v1beta1/${route.kind} is not allowed` };
    }
    return undefined;
}
