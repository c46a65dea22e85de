/** One object of a mesh, as a dialect wants it: plain data, made by a component. */
export interface Piece {
    /** What it is called among the stack's resources: from what the thing is, and the same at every run. */
    name: string;
    apiVersion: string;
    kind: string;
    metadata: {
        name: string;
        namespace?: string;
        labels?: Record<string, string>;
        annotations?: Record<string, string>;
    };
    /** Everything else of it: spec, data, rules, ... */
    body: Record<string, unknown>;
    /** Names of pieces of the same list that must be ready before it, and that go after it. */
    after?: string[];
    /** There is one a cluster: when somebody else has made it, theirs is used and nothing is made. */
    shared?: true;
    /** Of a shared one: the kinds that live by it. It is not removed while other stacks have any. */
    usedBy?: { apiVersion: string; kind: string }[];
    /** It is installed by Helm, which refuses objects that another operator may have left under the release's names. */
    adopts?: {
        release: { name: string; namespace: string };
        objects: { apiVersion: string; kind: string; name: string }[];
    };
    /** Its admission webhooks may refuse dry runs (trap 44). */
    guarded?: true;
    /** Of a Secret: keys whose values are random, with their lengths in characters. */
    random?: Record<string, number>;
    /** Nothing but its namespace has to look after its removal. */
    goesWithNamespace?: true;
}

/** A namespace that the mesh needs beside its members. */
export interface Home {
    /** What it is for; the control plane's namespace is `control plane`. */
    purpose: "control plane" | "gateway" | "cni";
    name: string;
    labels: Record<string, string>;
    /** Several meshes of one cluster use the same: no suffix, and whoever made it keeps it. */
    shared?: true;
}

/** Where requests come in. */
export interface Gateway {
    namespace: string;
    /** The name of its Service. */
    service: string;
    /** The labels by which a Gateway selects its pods. */
    selector: Record<string, string>;
    /** The identity in its certificate. */
    principal: string;
    /** The identity of one that it takes the place of: trusted too, so that nobody is refused while requests change over. */
    successorOf?: string;
    /** Ports, by what a Route says that leads to them: the name of the Service's, or the number of its pods'. */
    ports: { plain: string | number; tls: string | number };
    /** The Gateway of the Gateway API that HTTPRoutes are for. Without one, Istio's own kinds say which hosts there are. */
    parent?: { apiVersion: string; name: string };
}

/** A namespace that belongs to the mesh. */
export interface Member {
    namespace: string;
    /** Services in it whose pods have no sidecar and never will: the exceptions'. */
    withoutSidecar: string[];
}

/** The labels of a member namespace. */
export interface MemberLabels {
    /** By which the control plane knows the namespace and what is in it. */
    known: Record<string, string>;
    /** By which pods of the namespace get their sidecars from this control plane. */
    injected: Record<string, string>;
    /** Keeps the control plane away that is being left, while there are two. */
    leaving: Record<string, string>;
}

/** How a pod asks for its sidecar. */
export interface SidecarRequest {
    annotations: Record<string, string>;
    labels: Record<string, string>;
}
