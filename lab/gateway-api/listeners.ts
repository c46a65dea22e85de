import type { KubeObject } from "../../kube";
import { type LabelSelector, selects } from "../dataplane/selector";
import { GROUP } from "./names";

/** A listener of a Gateway, with the namespaces whose routes it takes. */
export interface Listener {
    gateway: KubeObject;
    /** Its place in the Gateway. */
    index: number;
    name: string;
    port: number;
    protocol: string;
    /** "*" when it names none. */
    hostname: string;
    namespaces: "all" | string[];
    /** The kinds of routes that it takes, of those that Istio knows. */
    kinds: RouteKind[];
    /** Whether all kinds that it asks for are known. */
    kindsKnown: boolean;
}

export interface RouteKind {
    group: string;
    kind: string;
}

/** A namespace, as far as it matters to whom listeners are open. */
export interface Namespace {
    metadata: { name: string; labels?: Record<string, string> };
}

/** The listeners of a Gateway. Namespaces are those that its control plane knows. */
export function listenersOf(gateway: KubeObject, namespaces: Namespace[]): Listener[] {
    return (gateway.spec.listeners ?? []).map((listener: any, index: number) => ({
        gateway,
        index,
        name: listener.name,
        port: listener.port,
        protocol: listener.protocol,
        hostname: listener.hostname ?? "*",
        namespaces: allowedNamespaces(gateway, listener.allowedRoutes?.namespaces, namespaces),
        ...kindsOf(listener),
    }));
}

/** Its own unless it says otherwise (namespacesFromSelector in conversion.go). */
function allowedNamespaces(
    gateway: KubeObject,
    wish: { from?: string; selector?: LabelSelector } | undefined,
    known: Namespace[],
): Listener["namespaces"] {
    const { from = "Same", selector } = wish ?? {};
    if (from === "Same") {
        return [gateway.metadata.namespace ?? ""];
    }
    if (from === "All" || selector === undefined) {
        return "all";
    }
    return known
        .filter(({ metadata: { name, labels } }) => selects(selector, { ...labels, [NAME_LABEL]: name }))
        .map(({ metadata }) => metadata.name)
        .sort();
}

const NAME_LABEL = "kubernetes.io/metadata.name";

/** By protocol, whether or not istiod goes by such routes. */
const KINDS: Record<string, string[]> = {
    HTTP: ["HTTPRoute", "GRPCRoute"],
    HTTPS: ["HTTPRoute", "GRPCRoute"],
    TCP: ["TCPRoute"],
};

function kindsOf({ protocol, tls, allowedRoutes }: any): Pick<Listener, "kinds" | "kindsKnown"> {
    const forTls = tls?.mode === "Passthrough" ? ["TLSRoute"] : ["TCPRoute"];
    const names = protocol === "TLS" ? forTls : (KINDS[protocol] ?? []);
    const supported = names.map((kind): RouteKind => ({ group: GROUP, kind }));
    const wanted: { group?: string; kind: string }[] = allowedRoutes?.kinds ?? [];
    if (wanted.length === 0) {
        return { kinds: supported, kindsKnown: true };
    }
    const kinds = supported.filter((each) =>
        wanted.some(({ group = GROUP, kind }) => group === each.group && kind === each.kind),
    );
    return { kinds, kindsKnown: kinds.length === wanted.length };
}
