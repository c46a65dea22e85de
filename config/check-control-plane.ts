/** Keys of the control plane that must fit each other, in every generation. */
import { keyOf, type Problem } from "./problems";
import type { MeshConfig } from "./schema";

export function checkControlPlane({ controlPlane }: MeshConfig): Problem[] {
    return [...checkTracing(controlPlane), ...checkReplicas(controlPlane), ...checkStrategy(controlPlane)];
}

type ControlPlane = MeshConfig["controlPlane"];

/** What keeps traces, by where it can keep them (facts: maistra.io's storage types; grafana/tempo-operator's kinds). */
const STORAGE = { jaeger: ["memory", "elasticsearch"], tempo: ["memory", "object"] } as const;

function checkTracing({ tracing: { enabled, backend, storage, secret, secretType, size } }: ControlPlane): Problem[] {
    const at = (key: string) => keyOf(["controlPlane", "tracing", key]);
    const known: readonly string[] = STORAGE[backend];
    if (!known.includes(storage)) {
        return [{ key: at("storage"), found: storage, allowed: `${known.join(" or ")} with backend ${backend}` }];
    }
    if (enabled && storage === "object" && secret === undefined) {
        return [{ key: at("secret"), allowed: "the name of the Secret of the object storage, with storage: object" }];
    }
    return Object.entries({ secret, secretType, size }).flatMap(([key, found]) =>
        found === undefined || storage === "object"
            ? []
            : [{ key: at(key), found, allowed: "only with storage: object" }],
    );
}

function checkReplicas({ gateways: { ingress } }: ControlPlane): Problem[] {
    const { autoscale, replicas, minAvailable } = ingress;
    const at = (...path: string[]) => keyOf(["controlPlane", "gateways", "ingress", ...path]);
    const min = replicas?.min ?? 1;
    const problems: Problem[] = [];
    if (replicas?.max !== undefined && autoscale === false) {
        const allowed = "only while autoscale is not false; replicas.min says how many there are then";
        problems.push({ key: at("replicas", "max"), found: String(replicas.max), allowed });
    } else if (replicas?.max !== undefined && replicas.max < min) {
        const allowed = `at least replicas.min, which is ${min}`;
        problems.push({ key: at("replicas", "max"), found: String(replicas.max), allowed });
    }
    if (minAvailable !== undefined && minAvailable >= min) {
        const allowed = `less than replicas.min, which is ${min}, or no node could be drained`;
        problems.push({ key: at("minAvailable"), found: String(minAvailable), allowed });
    }
    return problems;
}

/** Revisions are named by their versions, and namespaces ask for a revision by its name or tag. */
function checkStrategy({ updateStrategy, version }: ControlPlane): Problem[] {
    return updateStrategy?.type === "RevisionBased" && version === undefined
        ? [{ key: keyOf(["controlPlane", "version"]), allowed: "a version, with updateStrategy RevisionBased" }]
        : [];
}
