import type { z } from "zod";
import type { KubeObject } from "../../../kube";
import type { Refusal } from "./view";

/** Kinds that change what a mesh does and that are not modelled at all. Of these, the ones in GUARDS deny requests. */
export const NOT_MODELLED = [
    { apiVersion: "networking.istio.io/v1alpha3", kind: "EnvoyFilter" },
    { apiVersion: "networking.istio.io/v1alpha3", kind: "ServiceEntry" },
    { apiVersion: "networking.istio.io/v1alpha3", kind: "Sidecar" },
    { apiVersion: "networking.istio.io/v1beta1", kind: "ProxyConfig" },
    { apiVersion: "networking.istio.io/v1beta1", kind: "WorkloadEntry" },
    { apiVersion: "networking.istio.io/v1beta1", kind: "WorkloadGroup" },
    { apiVersion: "extensions.istio.io/v1alpha1", kind: "WasmPlugin" },
    { apiVersion: "gateway.networking.k8s.io/v1", kind: "GRPCRoute" },
    { apiVersion: "gateway.networking.k8s.io/v1beta1", kind: "ReferenceGrant" },
    { apiVersion: "rbac.istio.io/v1alpha1", kind: "RbacConfig" },
    { apiVersion: "rbac.istio.io/v1alpha1", kind: "ServiceRole" },
    { apiVersion: "rbac.istio.io/v1alpha1", kind: "ServiceRoleBinding" },
    { apiVersion: "rbac.maistra.io/v1", kind: "ServiceMeshRbacConfig" },
    { apiVersion: "security.istio.io/v1beta1", kind: "RequestAuthentication" },
];

/** Kinds that stop requests: while one of them is there and cannot be read, nothing may pass that it might stop. */
const GUARDS = ["RbacConfig", "RequestAuthentication", "ServiceMeshRbacConfig"];

export const DENIED = "all requests to what it selects are denied" satisfies Refusal["effect"];

export function isGuard(object: KubeObject): boolean {
    return GUARDS.includes(object.kind);
}

/** Collects what is refused. */
export class Refusals {
    readonly list: Refusal[] = [];

    add(object: KubeObject, field: string, why: string, effect: Refusal["effect"] = "left out"): void {
        const { kind, metadata } = object;
        this.list.push({
            object: { kind, namespace: metadata.namespace ?? "", name: metadata.name },
            field,
            why,
            effect,
        });
    }

    /**
     * Reads a part of an object by a strict schema. Whatever the schema does not know is refused, and then there is no
     * result: a half-read object would mean something else.
     */
    read<T>(
        schema: z.ZodType<T>,
        object: KubeObject,
        value: unknown,
        at: string,
        effect: Refusal["effect"] = "left out",
    ): T | undefined {
        const { success, data, error } = schema.safeParse(value);
        if (success) {
            return data;
        }
        for (const issue of error.issues) {
            const field = fieldName(at, issue.path);
            if (issue.code === "unrecognized_keys") {
                issue.keys.forEach((key) => this.add(object, fieldName(field, [key]), "is not modelled here", effect));
            } else {
                const { message } = issue.code === "invalid_key" ? issue.issues[0] : issue;
                this.add(object, field, message, effect);
            }
        }
        return undefined;
    }
}

/** A path as kubectl explain writes it, with list positions. */
function fieldName(at: string, path: PropertyKey[]): string {
    return path.reduce<string>(
        (all, part) => (typeof part === "number" ? `${all}[${part}]` : `${all}.${String(part)}`),
        at,
    );
}
