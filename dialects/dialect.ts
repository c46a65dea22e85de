import type { MeshConfig } from "../config/schema";
import type { Problem } from "../config/problems";

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
    /** What the operator makes for itself when it starts and nobody removes with its CSV. */
    leavings: Leaving[];
}

/** An object that a removed operator leaves behind. */
export interface Leaving {
    apiVersion: string;
    kind: string;
    namespace?: string;
    name: string;
}

/** How a pod asks for its sidecar. */
export interface SidecarRequest {
    annotations: Record<string, string>;
    labels: Record<string, string>;
}

/**
 * All that is particular to one generation of Service Mesh. The rest of the program knows what users want; a dialect
 * knows how to say it to the operators of its time.
 */
export interface Dialect {
    generation: string;
    operators: OperatorSpec[];
    /** Refuses by name what this generation cannot honour, and says what to use instead. */
    refuse(config: MeshConfig): Problem[];
    /** spec.version of the control plane: always set, because an empty one means the operator's newest. */
    version(config: MeshConfig): string;
    controlPlaneKind: { apiVersion: string; kind: string };
    controlPlaneSpec(config: MeshConfig): Record<string, unknown>;
    /** The names of the Routes that the control plane comes with, by the name that users know them by. */
    consoleRoutes(config: MeshConfig): Record<string, string>;
    /** True when the mesh itself makes a Route for each host of a Gateway. */
    routesFromGateways(config: MeshConfig): boolean;
    sidecar: SidecarRequest;
    /** API versions of the Istio objects that this generation's Istio reads. */
    apis: { networking: string; security: string; membership: string };
}
