/** What several generations cannot honour, in the words that a user reads. */
import { servicesOf } from "../config/hosts";
import { keyOf, type Problem } from "../config/problems";
import type { MeshConfig } from "../config/schema";
import type { OperatorKey } from "./dialect";

/** A key that was given, or has a value, that this generation cannot honour. */
export function refusal(path: readonly PropertyKey[], found: unknown, allowed: string): Problem {
    const shown = typeof found === "string" || typeof found === "number" ? String(found) : "given";
    return { key: keyOf(path), found: shown, allowed };
}

/** Keys of mesh:controlPlane that were given though this generation has nothing to do with them. */
export function refuseKeys(config: MeshConfig, keys: Record<string, string>): Problem[] {
    return Object.entries(keys).flatMap(([key, allowed]) => {
        const path = key.split(".");
        const value = path.reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], config);
        return value === undefined ? [] : [refusal(path, value, allowed)];
    });
}

/** Of the control planes that bring their gateway with them. */
export const NO_GATEWAY_API = "the Gateway API makes no gateway before generation 3";

/** A word that is none of those that this generation knows. */
export function refuseWord(config: MeshConfig, key: string, known: readonly string[], instead: string): Problem[] {
    const path = key.split(".");
    const value = path.reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], config);
    return typeof value !== "string" || known.includes(value)
        ? []
        : [refusal(path, value, `${known.join(" or ")} with generation ${config.generation}; ${instead}`)];
}

/** What makes a mesh need an operator that it can also do without. */
const NEEDED_WITH: Record<OperatorKey, string> = {
    elasticsearch: "controlPlane.tracing with backend: jaeger and storage: elasticsearch, or generation 1.1",
    jaeger: "controlPlane.tracing with backend: jaeger, or generation 1.1",
    kiali: "console kiali",
    opentelemetry: "controlPlane.tracing with backend: tempo",
    servicemesh: "every mesh",
    tempo: "controlPlane.tracing with backend: tempo",
};

/** Operators that something is said about though this mesh does not need them. */
export function refuseIdleOperators(config: MeshConfig, needed: readonly OperatorKey[]): Problem[] {
    return (Object.keys(NEEDED_WITH) as OperatorKey[])
        .filter((key) => !needed.includes(key))
        .filter((key) => {
            const { install, approval, ...others } = config.operators[key];
            const said = Object.values(others).some((value) => value !== undefined);
            return said || install !== "auto" || approval !== "Automatic";
        })
        .map((key) => {
            const allowed = `nothing: this mesh does not need that operator, which is for ${NEEDED_WITH[key]}`;
            return refusal(["operators", key], undefined, allowed);
        });
}

/** The ways in which TLS from outside may be asked for, with what to do instead of the others. */
export function refuseTls(config: MeshConfig, modes: readonly string[], instead: string): Problem[] {
    return servicesOf(config).flatMap(({ service: { tls }, path }) =>
        tls === undefined || modes.includes(tls.mode) ? [] : [refusal([...path, "tls", "mode"], tls.mode, instead)],
    );
}

/** With Routes by the mesh (IOR), TLS ends at the gateway or nowhere (maistra/istio, issue 168). */
export function refuseTlsOfMeshRoutes(config: MeshConfig): Problem[] {
    return config.controlPlane.routes === "gateways"
        ? refuseTls(config, ["passthrough"], "passthrough, or mesh:controlPlane.routes: stack for edge and reencrypt")
        : [];
}

/** Characters that a random suffix and its hyphen may take. */
const SUFFIX = 8;

/** A control plane's name that is too long for what is called after it. */
export function refuseLongName(config: MeshConfig, most: number, why: string): Problem[] {
    const { name } = config.controlPlane;
    const room = config.uniqueNames ? most - SUFFIX : most;
    const allowed = `at most ${room} characters with generation ${config.generation}: ${why}`;
    return name.length > room ? [refusal(["controlPlane", "name"], name, allowed)] : [];
}
