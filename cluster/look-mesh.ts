import type { KubeObject } from "../kube";
import { type ClusterFacts, DIGEST, digestKey, MARK, type SailFact } from "./facts";
import type { Read } from "./reads";
import { condition } from "./verdict";

/** The mark annotation of an object, if it has one: whose it is. */
export function markOf(object: KubeObject): string | undefined {
    return object.metadata.annotations?.[MARK];
}

export const SAIL = "sailoperator.io/v1";

/** An object of which a cluster has one. */
export interface WantedShared {
    apiVersion: string;
    kind: string;
    name: string;
    namespace?: string;
}

/** The mesh's own kinds, of every generation. Those that are not served have no objects. */
export function meshReads(apiGroups: string[], shared: WantedShared[]): Record<MeshRead, Read[]> {
    const maistra = apiGroups.includes("maistra.io/v2") ? "maistra.io/v2" : "maistra.io/v1";
    const all = (apiVersion: string, kind: string, resource: string): Read[] => [{ apiVersion, kind, resource }];
    return {
        controlPlanes: all(maistra, "ServiceMeshControlPlane", "servicemeshcontrolplanes"),
        rolls: all("maistra.io/v1", "ServiceMeshMemberRoll", "servicemeshmemberrolls"),
        members: all("maistra.io/v1", "ServiceMeshMember", "servicemeshmembers"),
        istios: all(SAIL, "Istio", "istios"),
        istioCnis: all(SAIL, "IstioCNI", "istiocnis"),
        istioRevisions: all(SAIL, "IstioRevision", "istiorevisions"),
        istioTags: all(SAIL, "IstioRevisionTag", "istiorevisiontags"),
        ossmConsoles: all("kiali.io/v1alpha1", "OSSMConsole", "ossmconsoles"),
        // Only for the versions that it enumerates.
        istioCrd: [
            {
                apiVersion: "apiextensions.k8s.io/v1",
                kind: "CustomResourceDefinition",
                resource: "customresourcedefinitions",
                name: "istios.sailoperator.io",
                optional: true,
            },
        ],
        shared: shared.map((piece) => ({ ...piece, resource: `${piece.kind.toLowerCase()}s` })),
    };
}

type MeshRead =
    | "controlPlanes"
    | "rolls"
    | "members"
    | "istios"
    | "istioCnis"
    | "istioRevisions"
    | "istioTags"
    | "ossmConsoles"
    | "istioCrd"
    | "shared";

type MeshFacts = Pick<ClusterFacts, "controlPlanes" | "sail" | "istioVersions" | "shared" | "members" | "digests">;

export function meshFacts(found: Record<MeshRead, KubeObject[]>, stackId: string): MeshFacts {
    const { controlPlanes, rolls, members, istios, istioCnis, istioRevisions, istioTags, ossmConsoles } = found;
    const istioVersions = versionsIn(found.istioCrd[0]);
    return {
        controlPlanes: [...controlPlanes, ...istios].map((c) => ({
            namespace: c.metadata.namespace ?? c.spec?.namespace ?? "",
            name: c.metadata.name,
            apiVersion: c.apiVersion,
            version: c.spec?.version,
            mark: markOf(c),
        })),
        sail: [...istios, ...istioCnis, ...istioRevisions, ...istioTags, ...ossmConsoles].map(sailFact),
        ...(istioVersions ? { istioVersions } : {}),
        shared: Object.fromEntries(
            found.shared.map((o) => {
                const mark = markOf(o);
                return [`${o.kind}/${o.metadata.name}`, mark === undefined ? {} : { mark }];
            }),
        ),
        members: memberFacts(rolls, members),
        digests: digests([...controlPlanes, ...rolls, ...members, ...istios, ...istioCnis, ...istioTags], stackId),
    };
}

function sailFact(object: KubeObject): SailFact {
    return {
        kind: object.kind as SailFact["kind"],
        apiVersion: object.apiVersion,
        name: object.metadata.name,
        namespace: object.metadata.namespace ?? object.spec?.namespace,
        version: object.spec?.version,
        mark: markOf(object),
    };
}

/** The enumeration of spec.version (trap 34; recorded: sail S4b). */
function versionsIn(crd: KubeObject | undefined): string[] | undefined {
    const versions: { name: string; schema?: { openAPIV3Schema?: any } }[] = crd?.spec?.versions ?? [];
    const served = versions.find((v) => v.name === "v1") ?? versions[0];
    const names = served?.schema?.openAPIV3Schema?.properties?.spec?.properties?.version?.enum;
    return Array.isArray(names) ? names.filter((n): n is string => typeof n === "string" && n !== "") : undefined;
}

function digests(meshObjects: KubeObject[], stackId: string): ClusterFacts["digests"] {
    const own = meshObjects.filter((o) => markOf(o) === stackId);
    return Object.fromEntries(own.map((o) => [digestKey(o.kind, o.metadata), o.metadata.annotations?.[DIGEST] ?? ""]));
}

/** Operator 2 makes one for each namespace of a roll (recorded: maistra25 R1). */
function isMadeByRoll({ metadata }: KubeObject): boolean {
    return metadata.annotations?.["maistra.io/created-by"] === "servicemeshmemberroll-controller";
}

/** Operator 1.1 writes members that joined by themselves into the roll too (trap 23): each namespace is named once. */
function memberFacts(rolls: KubeObject[], asked: KubeObject[]): ClusterFacts["members"] {
    const facts = new Map<string, ClusterFacts["members"][number]>();
    for (const member of asked) {
        const namespace = member.metadata.namespace ?? "";
        const controlPlaneNamespace = member.spec?.controlPlaneRef?.namespace ?? "";
        facts.set(`${controlPlaneNamespace}/${namespace}`, {
            namespace,
            controlPlaneNamespace,
            configured: condition(member, "Ready")?.status === "True",
            ...(isMadeByRoll(member) ? {} : { byItself: true }),
        });
    }
    for (const roll of rolls) {
        const controlPlaneNamespace = roll.metadata.namespace ?? "";
        const configured: string[] = roll.status?.configuredMembers ?? [];
        // A roll of operator 2 may name its members by selectors, and lists in its status who that is.
        const members: string[] = [...(roll.spec?.members ?? []), ...(roll.status?.members ?? []), ...configured];
        for (const namespace of new Set(members)) {
            const key = `${controlPlaneNamespace}/${namespace}`;
            facts.set(key, {
                ...facts.get(key),
                namespace,
                controlPlaneNamespace,
                configured: configured.includes(namespace),
            });
        }
    }
    return [...facts.values()];
}
