/** What an environment is, as a picture shows it: plain data, with no word on how it is drawn. */
export interface Environment {
    stack: string;
    operators: OperatorBox[];
    /** One; two while the stack moves on: the mesh that is there first. */
    meshes: MeshBox[];
    namespaces: NamespaceBox[];
    /** Who may call a service that not everyone may call. */
    calls: Call[];
}

export interface OperatorBox {
    package: string;
    namespace: string;
    /** Empty: the catalogue's default. */
    channel: string;
    approval: string;
    /** Somebody else installed it; it is only used. */
    theirs: boolean;
}

export interface MeshBox {
    generation: string;
    name: string;
    /** Of the control plane. */
    namespace: string;
    version: string;
    mtls: string;
    tracing: string;
    membership: string;
    gateway: { service: string; namespace: string };
    /** Host by name; none while another mesh of the stack has the consoles. */
    consoles: Record<string, string>;
    /** The stack is moving to it. */
    next: boolean;
}

export interface NamespaceBox {
    name: string;
    /** Index of its mesh; undefined: it is in none of the stack's, and only calls. */
    mesh?: number;
    /** The name of its Gateway object, if it has one of its own. */
    gateway?: string;
    services: ServiceBox[];
    /** Tekton's EventListeners whose Routes go on past the mesh. */
    exceptions: { name: string; host: string }[];
}

export interface ServiceBox {
    /** namespace/name. */
    id: string;
    name: string;
    port: number;
    replicas: number;
    /** How it comes about when not from an image: "built from git", "existing Deployment". */
    origin?: string;
    host?: string;
    /** Where TLS from outside ends: edge, reencrypt, passthrough. */
    tls?: string;
    /** What becomes of requests from outside: all, some or none of them may come in. */
    entry?: Entry;
    policies: PolicyNote[];
}

export type Entry = "open" | "some" | "refused";

/** An AuthorizationPolicy, in words: one line for each rule. */
export interface PolicyNote {
    name: string;
    action: "allow" | "deny";
    /** Empty: it lets nobody in. */
    rules: string[];
}

export interface Call {
    /** A namespace, by its name, or a service, as namespace/name. */
    from: string;
    /** namespace/name. */
    to: string;
    /** "GET /api/*"; empty: anything. */
    what: string;
}
