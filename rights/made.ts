import { groupOf, type Need, need, resourceOf, type Verb, VERBS } from "../cluster/need";
import type { Recorded } from "../render/record";

const RBAC = "rbac.authorization.k8s.io";

/** An object that a stack makes, as much of it as a rendering shows. */
export interface MadeObject {
    apiVersion: string;
    kind: string;
    metadata: { name: string; namespace?: string };
    /** Everything else of it. */
    [key: string]: any;
}

/** The Kubernetes objects among recorded resources. */
export function madeObjects(resources: readonly Recorded[]): MadeObject[] {
    return resources.filter((r) => r.custom && r.type.startsWith("kubernetes:")).map((r) => r.inputs as MadeObject);
}

const MADE = "what the stack makes";

/** What `preview --refresh` and `verify` read of an object: itself. */
export function needsToRefresh({ apiVersion, kind, metadata: { namespace, name } }: MadeObject): Need[] {
    return [need({ apiVersion, kind }, ["get"], MADE, { namespace, name })];
}

/**
 * What Pulumi's Kubernetes provider needs to make an object, change it and take it away: a POST, a server-side apply, which
 * is a PATCH, and a DELETE; and after a DELETE it lists and watches all objects of that kind in the namespace, not that one
 * alone (pulumi-kubernetes, provider/pkg/await: Creation, Update, Deletion; informers). A dry run needs the same rights as the
 * real request.
 */
export function needsToMake(object: MadeObject): Need[] {
    const { apiVersion, kind, metadata } = object;
    const { namespace, name } = metadata;
    return [
        need({ apiVersion, kind }, ["get", "create", "patch", "delete"], MADE, { namespace, name }),
        need({ apiVersion, kind }, ["list", "watch"], MADE, { namespace }),
        ...needsToBeAllowed(object),
    ];
}

/** What others ask about whoever writes such an object, beside the right to write it. */
function needsToBeAllowed({ apiVersion, kind, metadata, ...body }: MadeObject): Need[] {
    const { namespace } = metadata;
    switch (`${groupOf(apiVersion)}/${kind}`) {
        case "route.openshift.io/Route":
            // openshift/library-go, pkg/route/hostassignment.
            return body.spec?.host === undefined
                ? []
                : [
                      of(
                          "route.openshift.io",
                          "routes/custom-host",
                          ["create", "update"],
                          "Routes with hosts",
                          namespace,
                      ),
                  ];
        case "build.openshift.io/BuildConfig":
            // openshift/openshift-apiserver, pkg/build/apiserver/admission/strategyrestrictions.
            return [of("build.openshift.io", "builds/docker", ["create"], "builds from a Containerfile", namespace)];
        case "maistra.io/ServiceMeshMemberRoll":
            return needsToEnrol(body.spec);
        case "maistra.io/ServiceMeshMember":
            return needsToJoin(body.spec);
        case `${RBAC}/Role`:
        case `${RBAC}/ClusterRole`:
            return needsToGrant(body.rules ?? [], kind, namespace);
        case `${RBAC}/RoleBinding`:
        case `${RBAC}/ClusterRoleBinding`:
            return needsToBind(body.roleRef, namespace);
        default:
            return [];
    }
}

/**
 * Whoever enrols namespaces must be allowed to change pods there, since they get sidecars; whoever enrols by labels,
 * everywhere (maistra/istio-operator, pkg/controller/servicemesh/webhooks/validation/memberroll.go).
 */
function needsToEnrol({ members, memberSelectors }: { members?: string[]; memberSelectors?: unknown[] }): Need[] {
    const why = "Service Mesh asks this of whoever enrols namespaces";
    const inEach = (members ?? []).map((namespace) => of("", "pods", ["update"], why, namespace));
    return memberSelectors ? [of("", "pods", ["update"], why)] : inEach;
}

/** maistra/istio-operator, pkg/controller/servicemesh/webhooks/validation/member.go. */
function needsToJoin({ controlPlaneRef: { name, namespace } }: { controlPlaneRef: Ref }): Need[] {
    const plane = { apiVersion: "maistra.io/v1", kind: "ServiceMeshControlPlane" };
    return [need(plane, ["use"], "Service Mesh asks this of whoever joins", { name, namespace })];
}

interface Ref {
    name: string;
    namespace: string;
}

interface GrantedRule {
    apiGroups?: string[];
    resources?: string[];
    resourceNames?: string[];
    verbs: string[];
}

/**
 * Nobody may write a role with more in it than he holds himself, or has `escalate` on roles (kubernetes,
 * pkg/registry/rbac/validation). A create is not asked about by its name, so `escalate` could not be kept to one role: it
 * would be a right to everything. To hold what is in the role is less.
 */
function needsToGrant(rules: GrantedRule[], kind: string, namespace: string | undefined): Need[] {
    return rules.flatMap(({ apiGroups = [], resources = [], resourceNames, verbs }) =>
        apiGroups.flatMap((group) =>
            resources.flatMap((resource) =>
                (resourceNames ?? [undefined]).map((name): Need => {
                    const held = VERBS.filter((verb) => verbs.includes(verb));
                    return {
                        ...of(group, resource, held, `in a ${kind} that the stack makes`, namespace),
                        ...named(name),
                    };
                }),
            ),
        ),
    );
}

/**
 * The same of bindings, but `bind` is asked about by the name of the role (kubernetes, pkg/registry/rbac). Also on a Role
 * whose rights are held: in a preview the Role is not there yet, and the API server, which would look into it, says so.
 */
function needsToBind({ kind, name }: { kind: string; name: string }, namespace: string | undefined): Need[] {
    const where = kind === "Role" ? namespace : undefined;
    return [{ ...of(RBAC, resourceOf(kind), ["bind"], "in a binding that the stack makes", where), name }];
}

function of(group: string, resource: string, verbs: Verb[], why: string, namespace?: string): Need {
    return { group, resource, verbs, why, ...(namespace === undefined ? {} : { namespace }) };
}

function named(name: string | undefined): { name?: string } {
    return name === undefined ? {} : { name };
}
