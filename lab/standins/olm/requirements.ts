import type { KubeObject } from "../../../kube";

export interface Requirement {
    group: string;
    version: string;
    kind: string;
    name: string;
    status: "Present" | "NotPresent" | "PresentNotSatisfied";
    message: string;
}

/** What is on the cluster of the things that a CSV needs. */
export interface Found {
    crd(name: string): KubeObject | undefined;
    serviceAccount?: KubeObject;
    /** Its ClusterRoleBinding exists: its rights are there. */
    permitted: boolean;
}

/** The requirement list of a CSV, in OLM's words (recorded: olm a, c, c2, i). */
export function requirementsOf(csv: KubeObject, found: Found): Requirement[] {
    const { required = [], owned = [] } = csv.spec.customresourcedefinitions ?? {};
    const crds = [...required, ...owned].map((entry: { name: string }) => ({
        group: "apiextensions.k8s.io",
        version: "v1",
        kind: "CustomResourceDefinition",
        name: entry.name,
        ...crdStatus(found.crd(entry.name)),
    }));
    const accounts = new Set<string>(
        csv.spec.install.spec.clusterPermissions.map((p: { serviceAccountName: string }) => p.serviceAccountName),
    );
    return [
        ...crds,
        ...[...accounts].map((name) => ({
            group: "",
            version: "v1",
            kind: "ServiceAccount",
            name,
            ...accountStatus(csv, found),
        })),
    ];
}

function crdStatus(crd: KubeObject | undefined): Pick<Requirement, "status" | "message"> {
    if (!crd) {
        return { status: "NotPresent", message: "CRD is not present" };
    }
    const established = crd.status?.conditions?.some((c: any) => c.type === "Established" && c.status === "True");
    if (established) {
        return { status: "Present", message: "CRD is present and Established condition is true" };
    }
    const message = "CRD is present but the Established condition is False (not available)";
    return { status: "PresentNotSatisfied", message };
}

function accountStatus(csv: KubeObject, found: Found): Pick<Requirement, "status" | "message"> {
    const owners = found.serviceAccount?.metadata.ownerReferences ?? [];
    if (!found.serviceAccount) {
        return { status: "NotPresent", message: "Service account does not exist" };
    }
    if (owners.length > 0 && !owners.some((o) => o.uid === csv.metadata.uid)) {
        return { status: "PresentNotSatisfied", message: "Service account is owned by another ClusterServiceVersion" };
    }
    return found.permitted
        ? { status: "Present", message: "" }
        : { status: "PresentNotSatisfied", message: "Policy rule not satisfied for service account" };
}

/** Why an operator cannot serve these namespaces, if so (API: pkg/operators/v1alpha1, InstallModeSet.Supports; e3). */
export function unsupported(csv: KubeObject, targets: string[]): string | undefined {
    const modes = new Set(
        (csv.spec.installModes ?? []).filter((m: any) => m.supported).map((m: any) => m.type as string),
    );
    const no = (mode: string, what: string) =>
        `${mode} InstallModeType not supported, cannot configure to watch ${what}`;
    const all = targets.length === 1 && targets[0] === "";
    if (all) {
        return modes.has("AllNamespaces") ? undefined : no("AllNamespaces", "all namespaces");
    }
    const own = targets.includes(csv.metadata.namespace!);
    if (own && !modes.has("OwnNamespace")) {
        return no("OwnNamespace", "own namespace");
    }
    if (targets.length === 1 && !own && !modes.has("SingleNamespace") && !modes.has("MultiNamespace")) {
        return no("SingleNamespace", "one namespace");
    }
    if (targets.length > 1 && !modes.has("MultiNamespace")) {
        return no("MultiNamespace", `${targets.length} namespaces`);
    }
    return undefined;
}
