import type { KubeObject } from "../../../../kube";
import type { Refusal } from "../common/access";
import { DEFAULT_NAME, OPERATOR_NAMESPACE } from "../common/names";

/**
 * What the operator's webhooks say, as pure decisions. Words and order of the checks: maistra/istio-operator tag
 * maistra-1.1.7, webhooks/validation and webhooks/mutation; recorded: N4, N5.
 */

const VERSIONS = ["v1.1", "v1.0"];
const DEFAULT_VERSION = "v1.1";

export interface ControlPlaneFacts {
    jaegerInstalled: boolean;
    kialiInstalled: boolean;
    /** Names of all control planes in the same namespace. */
    others: string[];
}

export function refuseControlPlane(smcp: KubeObject, facts: ControlPlaneFacts): Refusal {
    const { name, namespace } = smcp.metadata;
    const version: string = smcp.spec?.version ?? "";
    if (version !== "" && !VERSIONS.includes(version)) {
        return `invalid Version specified; supported versions are: [${VERSIONS.join(" ")}]`;
    }
    const missing = [
        smcp.spec?.istio?.tracing?.enabled === true &&
            !facts.jaegerInstalled &&
            "please install the Jaeger operator before enabling tracing",
        smcp.spec?.istio?.kiali?.enabled === true &&
            !facts.kialiInstalled &&
            "please install the Kiali operator before enabling Kiali",
    ].filter((problem) => problem !== false);
    if (missing.length > 0) {
        return missing.length === 1 ? missing[0] : `[${missing.join(", ")}]`;
    }
    if (namespace === OPERATOR_NAMESPACE) {
        return "service mesh may not be installed in the same project/namespace as the operator";
    }
    if (facts.others.some((other) => other !== name)) {
        return "only one service mesh may be installed per project/namespace";
    }
    return undefined;
}

/** JSON Patch: the version on creation only, the template always. */
export function completeControlPlane(smcp: KubeObject, operation: string): object[] {
    const patch: object[] = [];
    if (!smcp.spec) {
        patch.push({ op: "add", path: "/spec", value: {} });
    }
    if (!smcp.spec?.version && operation === "CREATE") {
        patch.push({ op: "add", path: "/spec/version", value: DEFAULT_VERSION });
    }
    if (!smcp.spec?.template) {
        patch.push({ op: "add", path: "/spec/template", value: "default" });
    }
    return patch;
}

export interface RollFacts {
    /** How many control planes there are in the roll's namespace. */
    controlPlanes: number;
    /** Namespaces that other rolls name. */
    taken: string[];
}

export function refuseRoll(roll: KubeObject, facts: RollFacts): Refusal {
    const { name, namespace } = roll.metadata;
    if (facts.controlPlanes === 0) {
        return `no service mesh is configured in namespace '${namespace}'`;
    }
    if (name !== DEFAULT_NAME) {
        return `ServiceMeshMemberRoll must be named '${DEFAULT_NAME}'`;
    }
    if (namespace === OPERATOR_NAMESPACE) {
        return "ServiceMeshMemberRoll may not be created in the same project/namespace as the operator";
    }
    for (const member of membersOf(roll)) {
        if (facts.taken.includes(member)) {
            return "one or more members are already defined in another ServiceMeshMemberRoll";
        }
        if (member === namespace) {
            return "mesh project/namespace cannot be listed as a member";
        }
    }
    return undefined;
}

/** JSON Patch: takes the roll's own namespace out of its members. */
export function withoutOwnNamespace(roll: KubeObject): object[] {
    const members = membersOf(roll);
    const others = members.filter((member) => member !== roll.metadata.namespace);
    return others.length === members.length ? [] : [{ op: "replace", path: "/spec/members", value: others }];
}

export function refuseMember(member: KubeObject, before: KubeObject | undefined): Refusal {
    const { name, namespace } = member.metadata;
    if (name !== DEFAULT_NAME) {
        return `ServiceMeshMember must be named "${DEFAULT_NAME}"`;
    }
    if (namespace === OPERATOR_NAMESPACE) {
        return "namespace where operator is installed cannot be added to any mesh";
    }
    const now = member.spec?.controlPlaneRef;
    const then = before?.spec?.controlPlaneRef;
    if (before && (now?.name !== then?.name || now?.namespace !== then?.namespace)) {
        return "Mutation of .spec.controlPlaneRef isn't allowed";
    }
    return undefined;
}

export function membersOf(roll: KubeObject): string[] {
    return roll.spec?.members ?? [];
}
