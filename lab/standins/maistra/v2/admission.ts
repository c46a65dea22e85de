import type { KubeObject } from "../../../../kube";
import type { Refusal } from "../common/access";
import { DEFAULT_NAME, OPERATOR_NAMESPACE } from "../common/names";
import { atLeast, newestVersion, type Release, supportedVersions } from "./release";

/**
 * What the operator's webhooks say, as pure decisions. Words and order of the checks: maistra/istio-operator
 * branch maistra-2.5, webhooks/validation and webhooks/mutation; recorded: M5a, M5b, M6b.
 */

/** What an empty version of API v1 stands for, which no operator since 2.5 makes any more. */
const DEFAULT_V1 = "v1.1";
const NO_ROUTES_FROM = "v2.5";
const NAMESPACE_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** `others`: names of all control planes in the same namespace. */
export function refuseControlPlane(smcp: KubeObject, others: string[], release: Release): Refusal {
    const { name, namespace } = smcp.metadata;
    if (namespace === OPERATOR_NAMESPACE) {
        return "service mesh may not be installed in the same project/namespace as the operator";
    }
    if (others.some((other) => other !== name)) {
        return "only one service mesh may be installed per project/namespace";
    }
    return refuseVersion(smcp.spec?.version || DEFAULT_V1, release) ?? refuseSpec(smcp.spec ?? {});
}

function refuseVersion(version: string, release: Release): Refusal {
    const supported = supportedVersions(release);
    if (supported.includes(version)) {
        return undefined;
    }
    return release.dropped.includes(version)
        ? `Only '[${supported.join(" ")}]' versions are supported`
        : `invalid Version specified; supported versions are: [${supported.join(" ")}]`;
}

/** Mixer and 3scale went with v2.1 (trap 18). */
function refuseSpec(spec: Record<string, any>): Refusal {
    const removed = (what: "policy" | "telemetry") =>
        (spec[what]?.type === "Mixer" || spec[what]?.mixer !== undefined) &&
        `support for ${what}.type "Mixer" and ${what}.Mixer options have been removed in v2.1, ` +
            "please use another alternative";
    const noProvider = (spec.meshConfig?.extensionProviders ?? [])
        .filter((provider: object) => Object.keys(provider).length < 2)
        .map(
            ({ name }: { name: string }) =>
                `extension provider '${name}' does not define any provider - it must specify one of: prometheus, ` +
                "zipkin, opentelemetry, envoyOtelAls, envoyExtAuthzHttp, or envoyExtAuthzGrpc",
        );
    const problems: string[] = [
        removed("policy"),
        removed("telemetry"),
        spec.addons?.["3scale"] !== undefined &&
            "support for 3scale has been removed in v2.1; please remove the spec.addons.3scale section from the SMCP " +
                "and configure the 3scale WebAssembly adapter using a ServiceMeshExtension resource",
        ...noProvider,
    ].filter((problem) => problem !== false);
    return problems.length > 1 ? `[${problems.join(", ")}]` : problems[0];
}

/** JSON Patch: on creation version and openshiftRoute, on an update the version taken away, always profiles. */
export function completeControlPlane(
    smcp: KubeObject,
    before: KubeObject | undefined,
    release: Release,
): { op: string; path: string; value: unknown }[] {
    const isV1 = smcp.apiVersion === "maistra.io/v1";
    const spec = structuredClone(smcp.spec ?? {});
    const version: string = spec.version || before?.spec?.version || (isV1 ? DEFAULT_V1 : newestVersion(release));
    if (!spec.version) {
        spec.version = version;
    }
    const known = supportedVersions(release).includes(version);
    if (!before && !isV1 && known && atLeast(version, NO_ROUTES_FROM)) {
        const { openshiftRoute } = spec.gateways ?? {};
        if (openshiftRoute?.enabled === undefined) {
            spec.gateways = { ...spec.gateways, openshiftRoute: { ...openshiftRoute, enabled: false } };
        }
    }
    if (!isV1 && !spec.profiles?.length) {
        spec.profiles = ["default"];
    }
    const same = JSON.stringify(spec) === JSON.stringify(smcp.spec);
    return same ? [] : [{ op: smcp.spec ? "replace" : "add", path: "/spec", value: spec }];
}

/** `taken`: namespaces that other rolls name. */
export function refuseRoll(roll: KubeObject, taken: string[]): Refusal {
    const { name, namespace } = roll.metadata;
    const members = membersOf(roll);
    if (name !== DEFAULT_NAME) {
        return `ServiceMeshMemberRoll must be named '${DEFAULT_NAME}'`;
    }
    if (namespace === OPERATOR_NAMESPACE) {
        return "ServiceMeshMemberRoll may not be created in the same project/namespace as the operator";
    }
    if (members.length > 0 && (roll.spec?.memberSelectors?.length ?? 0) > 0) {
        return "combining .spec.members and .spec.memberSelectors is not allowed";
    }
    return refuseNames(members) ?? refuseTaken(members, taken, namespace);
}

function refuseNames(members: string[]): Refusal {
    const seen = new Set<string>();
    for (const member of members) {
        if (member !== "*" && !NAMESPACE_NAME.test(member)) {
            return `.spec.members contains invalid value '${member}'. Must be a valid namespace name.`;
        }
        if (seen.has(member)) {
            return `duplicate namespace in .spec.members: ${member}`;
        }
        seen.add(member);
    }
    return seen.has("*") && seen.size > 1
        ? "when .spec.members contains an asterisk ('*'), it must contain no other entries"
        : undefined;
}

function refuseTaken(members: string[], taken: string[], namespace: string | undefined): Refusal {
    for (const member of members) {
        if ((member === "*" && taken.length > 0) || taken.includes(member) || taken.includes("*")) {
            return "one or more members are already defined in another ServiceMeshMemberRoll";
        }
        if (member === namespace) {
            return "mesh project/namespace cannot be listed as a member";
        }
    }
    return undefined;
}

/** JSON Patch: takes the roll's own namespace out of its members, before anybody could refuse it (trap 21). */
export function withoutOwnNamespace(roll: KubeObject): object[] {
    const members = membersOf(roll);
    const others = members.filter((member) => member !== roll.metadata.namespace);
    return others.length === members.length ? [] : [{ op: "replace", path: "/spec/members", value: others }];
}

export function refuseMember(member: KubeObject, before: KubeObject | undefined): Refusal {
    const { name, namespace } = member.metadata;
    if (name !== DEFAULT_NAME) {
        return `the ServiceMeshMember resource must be named "${DEFAULT_NAME}"`;
    }
    if (namespace === OPERATOR_NAMESPACE) {
        return "namespace where operator is installed cannot be added to any mesh";
    }
    const now = member.spec?.controlPlaneRef;
    const then = before?.spec?.controlPlaneRef;
    return before && (now?.name !== then?.name || now?.namespace !== then?.namespace)
        ? "mutation of .spec.controlPlaneRef isn't allowed"
        : undefined;
}

export function membersOf(roll: KubeObject): string[] {
    return roll.spec?.members ?? [];
}
