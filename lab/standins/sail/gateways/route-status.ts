import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../../../../kube";
import { CONTROLLER } from "../../../gateway-api/names";
import type { Attachment, ParentRef } from "../../../gateway-api/parents";
import { type Condition, type Verdict, withVerdicts } from "./conditions";

interface ParentStatus {
    parentRef: ParentRef;
    controllerName: string;
    conditions: Condition[];
}

/** Of several listeners' reasons the first of these is told. */
const RANKS = ["NotAllowedByListeners", "NoMatchingListenerHostname", "NoMatchingParent"];

/** Filters that Istio knows of a rule. */
const FILTERS = [
    "RequestHeaderModifier",
    "ResponseHeaderModifier",
    "RequestRedirect",
    "RequestMirror",
    "URLRewrite",
    "CORS",
];

/**
 * An HTTPRoute's status: one entry a parent that is this controller's, and those of other controllers as they are
 * (createRouteStatus in conditions.go).
 */
export function routeStatus(route: KubeObject, attachments: Attachment[], isService: IsService): object {
    const before: ParentStatus[] = route.status?.parents ?? [];
    const others = before.filter(({ controllerName }) => controllerName !== CONTROLLER);
    const resolved = rulesProblem(route, isService) ?? { reason: "ResolvedRefs", message: "All references resolved" };
    const refs = attachments.map(({ ref }) => ref);
    const unique = refs.filter((ref, index) => refs.indexOf(ref) === index).sort(byName);
    const own = unique.map((ref): ParentStatus => {
        const old = before.find(
            ({ parentRef, controllerName }) => controllerName === CONTROLLER && isDeepStrictEqual(parentRef, ref),
        );
        const accepted = accept(attachments.filter((each) => each.ref === ref));
        const verdicts = { Accepted: accepted, ResolvedRefs: resolved };
        return {
            parentRef: ref,
            controllerName: CONTROLLER,
            conditions: withVerdicts(old?.conditions, route.metadata.generation, verdicts),
        };
    });
    return { parents: [...others, ...own] };
}

/** New entries are put in the order of what they name, backwards. */
function byName(a: ParentRef, b: ParentRef): number {
    const text = ({ name, sectionName = "", port = 0 }: ParentRef): string => `${name}/${sectionName}/${port}`;
    return text(a) > text(b) ? -1 : 1;
}

/** One listener that takes it is enough. */
function accept(attachments: Attachment[]): Verdict {
    const taken = attachments.filter(({ denied }) => denied === undefined).length;
    if (taken > 0) {
        const message = taken > 1 ? `Route was valid, bound to ${taken} parents` : "Route was valid";
        return { reason: "Accepted", message };
    }
    const denials = attachments.flatMap(({ denied }) => denied ?? []);
    const reason = RANKS.find((each) => denials.some((denied) => denied.reason === each)) ?? denials[0].reason;
    const messages = denials.filter((denied) => denied.reason === reason).map(({ message }) => message);
    return { status: "False", reason, message: messages.join("; ") };
}

/** Whether there is such a Service for the route's control plane. */
export type IsService = (namespace: string, name: string) => boolean;

/** The last of the soft errors, or the first hard one (convertHTTPRoute, buildDestination in conversion.go). */
function rulesProblem(route: KubeObject, isService: IsService): Verdict | undefined {
    const rules: any[] = route.spec.rules ?? [];
    const filters = rules.flatMap(({ filters = [] }) => filters);
    const unknown = filters.find(({ type }) => !FILTERS.includes(type));
    if (unknown) {
        return no("InvalidFilter", `unsupported filter type "${unknown.type}"`);
    }
    const backends = rules
        .flatMap(({ backendRefs = [] }) => backendRefs)
        .filter(({ weight = 1 }) => weight !== 0)
        .flatMap((ref) => backendProblem(route, ref, isService) ?? []);
    return backends.find(({ reason }) => reason === "InvalidDestination") ?? backends[backends.length - 1];
}

const NO_GRANT = "(missing a ReferenceGrant?)";

function backendProblem(route: KubeObject, ref: any, isService: IsService): Verdict | undefined {
    const home = route.metadata.namespace ?? "";
    const { group = "", kind = "Service", name, namespace = home, port } = ref;
    if (namespace !== home) {
        // A ReferenceGrant could allow it; the lab goes by none.
        const who = `a ${route.kind} in namespace "${home}"`;
        return no("RefNotPermitted", `backendRef ${name}/${namespace} not accessible to ${who} ${NO_GRANT}`);
    }
    if (group !== "" || kind !== "Service") {
        const what = `group "${group}" kind "${kind}"`;
        return no("InvalidKind", `referencing unsupported backendRef: ${what}`);
    }
    if (port === undefined) {
        return no("InvalidDestination", "port is required in backendRef");
    }
    return isService(namespace, name)
        ? undefined
        : no("BackendNotFound", `backend(${name}.${namespace}.svc.cluster.local) not found`);
}

function no(reason: string, message: string): Verdict {
    return { status: "False", reason, message };
}
