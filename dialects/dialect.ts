import type { MeshConfig } from "../config/schema";
import type { Problem } from "../config/problems";
import type { Gateway, Home, Member, MemberLabels, Piece, SidecarRequest } from "./piece";

/** The operators that a mesh can need, by the short names that users write. */
export type OperatorKey = keyof MeshConfig["operators"];

/** One operator of a generation. */
export interface OperatorSpec {
    key: OperatorKey;
    /** The package's name in the catalogue. */
    package: string;
    /** What the names of its CSVs begin with. */
    csvPrefix: string;
    namespace: string;
    /**
     * `shared`: the namespace and its OperatorGroup are the cluster's and are never made here.
     * `own`: both are made when they are missing.
     */
    home: "shared" | "own";
    /** Keys of the operators that must be ready before this one is installed. */
    after: OperatorKey[];
    /** Set when the operator registers admission webhooks for its kinds by itself: one of these kinds, to knock on. */
    webhook?: { apiVersion: string; kind: string };
    /** The kinds that its releases bring and look after, as "plural.group": none of them may be left when it goes. */
    owns: string[];
    /** What the operator makes for itself when it starts and nobody removes with its CSV. */
    leavings: Leaving[];
}

/** An object that a removed operator leaves behind. */
export interface Leaving {
    apiVersion: string;
    kind: string;
    namespace?: string;
    name: string;
    /** A label without which it is somebody else's, of the same name. */
    labelled?: string;
}

/** A Route, by where it is. */
export interface RouteName {
    namespace: string;
    name: string;
}

/**
 * All that is particular to one generation of Service Mesh. The rest of the program knows what users want; a dialect
 * knows how to say it to the operators of its time. Everything here is pure, and takes a config in which every key has
 * its value: those whose default differs by generation have it from `defaults`.
 */
export interface Dialect {
    generation: string;
    /** Network types of a cluster on which it cannot work, with the reason. */
    networks: Readonly<Record<string, string>>;
    /** Whether a control plane that is there is one of this generation. */
    isOwn(plane: { apiVersion: string; version?: string }): boolean;
    /** The generations beside which its control plane can be in one cluster, while a stack moves on. */
    beside: readonly string[];
    /** What a key is when it is not given, where the generations differ. */
    defaults: Defaults;
    /** Those that this mesh needs. */
    operators(config: MeshConfig): OperatorSpec[];
    /** Refuses by name what this generation cannot honour, and says what to use instead. */
    refuse(config: MeshConfig): Problem[];
    /** spec.version of the control plane. Undefined where the operator's own default is asked for. */
    version(config: MeshConfig): string | undefined;
    /** The versions that a release of the Service Mesh operator takes, by its CSV's name; undefined when that is not known. */
    versionsOf(csv: string): string[] | undefined;

    /** The namespaces that it needs beside its members; the control plane's first. */
    homes(config: MeshConfig): Home[];
    /** The control plane, and what holds for the whole mesh. The control plane itself first. */
    controlPlane(config: MeshConfig): Piece[];
    /** The ingress gateway; empty where the control plane brings it. */
    gatewayPieces(config: MeshConfig): Piece[];
    /** Consoles and tracing; empty where the control plane brings them. */
    consolePieces(config: MeshConfig): Piece[];
    /** Where requests come in. */
    gateway(config: MeshConfig): Gateway;
    /** The Routes of the consoles, by the names that users know them by. */
    consoleRoutes(config: MeshConfig): Record<string, RouteName>;

    /** The cluster networks on which its operator can isolate members; undefined: on any. */
    networkTypes?: readonly string[];
    /** The roll's own spec also names the namespaces that joined by themselves: one that leaves them out would end it. */
    rollNamesAll?: true;
    /** Labels by which a namespace joins; undefined where a roll or a ServiceMeshMember says it. */
    memberLabels(config: MeshConfig): MemberLabels | undefined;
    /** What is made in every member namespace, beside its services. */
    memberPieces(config: MeshConfig, member: Member): Piece[];
    /** How a pod asks for its sidecar. */
    sidecar(config: MeshConfig): SidecarRequest;
    /** Who makes the Routes of the services' hosts: the mesh (IOR), this stack, or nobody. */
    routes(config: MeshConfig): "mesh" | "stack" | "nobody";
    /** API versions of the Istio objects that this generation's Istio reads, and of membership's kinds. */
    apis: { networking: string; security: string; membership?: string };
}

/** Defaults that differ by generation. */
export interface Defaults {
    name: string;
    consoles: MeshConfig["controlPlane"]["consoles"];
    routes: MeshConfig["controlPlane"]["routes"];
    membership: MeshConfig["membership"];
    tracing: MeshConfig["controlPlane"]["tracing"]["backend"];
    /** controlPlane.gateways.ingress.namespace, where the gateway has one of its own. */
    gatewayNamespace?: (controlPlaneNamespace: string) => string;
}
