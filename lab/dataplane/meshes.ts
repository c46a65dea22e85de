import type { KubeObject } from "../../kube";
import { type LabelSelector, selects } from "./selector";

/** A namespace's label that says in which of Maistra's meshes it is: the namespace of the control plane. */
const MEMBER_OF = "maistra.io/member-of";

const REVISION = "istio.io/rev";
const INJECTED = "sidecar.istio.io/status";

/** A control plane, and what it knows of the cluster. */
export interface ControlPlane {
    /** Its kind, namespace and name, for people. */
    name: string;
    operator: "maistra" | "sail";
    /** What its injector leaves on pods; 1.1 has none. */
    revision?: string;
    /** Its own namespace, Istio's root namespace: what is said there holds for its whole mesh. Its CA is there, too. */
    root: string;
    /** Whether clients use mTLS to whoever can answer it where no DestinationRule decides. */
    autoMtls: boolean;
    /** Whether Istio's default retries include any answer 503; not from 1.24 on. */
    retriesOn503: boolean;
    namespaces: Set<string>;
}

export interface MeshObjects {
    namespaces: KubeObject[];
    /** ServiceMeshControlPlanes. */
    controlPlanes: KubeObject[];
    /** ServiceMeshMemberRolls. */
    rolls: KubeObject[];
    /** IstioRevisions. */
    revisions: KubeObject[];
}

/** All control planes of a cluster; several may know the same namespace. */
export function controlPlanes(objects: MeshObjects): ControlPlane[] {
    return [...maistraPlanes(objects), ...sailPlanes(objects)];
}

/**
 * The control plane that a pod's proxy belongs to: the one whose injector made it. A proxy of 1.1, which has no
 * revision, belongs to its namespace's. Undefined while the control plane does not know the namespace: then it sends
 * nothing to the proxy.
 */
export function controlPlaneOf(pod: KubeObject, all: ControlPlane[]): ControlPlane | undefined {
    const here = all.filter(({ namespaces }) => namespaces.has(pod.metadata.namespace ?? ""));
    const revision = revisionOf(pod);
    return revision === undefined
        ? here.find(({ operator }) => operator === "maistra")
        : (here.find((each) => each.revision === revision) ?? here.find((each) => each.revision === undefined));
}

/** A pod may ask for a revision by a tag; what it got is what the injector wrote down. */
function revisionOf({ metadata }: KubeObject): string | undefined {
    return (
        injectedRevision(metadata.annotations?.[INJECTED]) ??
        metadata.annotations?.[REVISION] ??
        metadata.labels?.[REVISION]
    );
}

function injectedRevision(status: string | undefined): string | undefined {
    try {
        const revision: unknown = JSON.parse(status ?? "{}").revision;
        return typeof revision === "string" && revision !== "" ? revision : undefined;
    } catch {
        return undefined;
    }
}

/** One a namespace that has a control plane or members; a namespace that is left with members only is still one. */
function maistraPlanes({ namespaces, controlPlanes: planes, rolls }: MeshObjects): ControlPlane[] {
    const memberOf = ({ metadata }: KubeObject): string | undefined => metadata.labels?.[MEMBER_OF];
    const roots = new Set([...planes.map(({ metadata }) => metadata.namespace), ...namespaces.map(memberOf)]);
    return [...roots].flatMap((root) => {
        if (root === undefined) {
            return [];
        }
        const plane = planes.find(({ metadata }) => metadata.namespace === root);
        const roll = rolls.find(({ metadata }) => metadata.namespace === root && metadata.name === "default");
        const labelled = namespaces.filter((each) => memberOf(each) === root).map(({ metadata }) => metadata.name);
        const members: string[] = roll?.status?.configuredMembers ?? labelled;
        const isFirst = plane === undefined || isGeneration1(plane);
        return [
            {
                name: `ServiceMeshControlPlane ${root}/${plane?.metadata.name ?? "-"}`,
                operator: "maistra",
                revision: isFirst ? undefined : plane.metadata.name,
                root,
                autoMtls: plane !== undefined && hasAutoMtls(plane),
                retriesOn503: true,
                namespaces: new Set([root, ...members]),
            },
        ];
    });
}

function isGeneration1({ apiVersion, spec }: KubeObject): boolean {
    const version: string = spec?.version ?? (apiVersion === "maistra.io/v1" ? "v1" : "v2");
    return version.startsWith("v1");
}

/** Off in 1.1, on in 2.x unless it is said (maistra/istio-operator, helm/v1.1 values and helm/v2.5/global.yaml). */
function hasAutoMtls(plane: KubeObject): boolean {
    const written = plane.spec?.security?.dataPlane?.automtls ?? plane.spec?.istio?.global?.mtls?.auto;
    return typeof written === "boolean" ? written : !isGeneration1(plane);
}

/**
 * The Sail operator's: each revision is a control plane. It knows the namespaces that its discovery selectors take;
 * its own is no exception (istio/istio, pkg/kube/namespace/filter.go).
 */
function sailPlanes({ namespaces, revisions }: MeshObjects): ControlPlane[] {
    return revisions.map(({ metadata, spec }) => {
        const { discoverySelectors, enableAutoMtls } = spec?.values?.meshConfig ?? {};
        const selectors: LabelSelector[] = discoverySelectors ?? [];
        const isKnown = ({ metadata: { labels } }: KubeObject): boolean =>
            selectors.length === 0 || selectors.some((selector) => selects(selector, labels));
        return {
            name: `IstioRevision ${metadata.name}`,
            operator: "sail",
            revision: metadata.name,
            root: spec?.namespace ?? "istio-system",
            autoMtls: enableAutoMtls !== false,
            retriesOn503: false,
            namespaces: new Set(namespaces.filter(isKnown).map((each) => each.metadata.name)),
        };
    });
}
