import { createHash } from "node:crypto";
import type { KubeObject, OwnerReference } from "../../../kube";
import type { Pick } from "./resolver";

/** The objects of one version of one package, as OLM makes them from its bundle. Pure. */

export const PREFIX = "operators.coreos.com";
const OWNED_BY = "olm.owner";

/** The label that OLM puts on everything of a package in a namespace, the Subscription included. */
export function componentLabel(packageName: string, namespace: string): string {
    return `${PREFIX}/${packageName}.${namespace}`;
}

export function csvOf({ pkg, bundle }: Pick, namespace: string, image: string): KubeObject {
    const named = (apis: typeof pkg.provides) =>
        apis.map((api) => ({ name: `${api.plural}.${api.group}`, version: api.version, kind: api.kind }));
    const known = [
        { type: "olm.package", value: { packageName: pkg.name, version: bundle.version } },
        ...pkg.provides.map(({ group, version, kind }) => ({ type: "olm.gvk", value: { group, version, kind } })),
    ];
    const range = bundle.skipRange;
    return {
        apiVersion: `${PREFIX}/v1alpha1`,
        kind: "ClusterServiceVersion",
        metadata: {
            name: bundle.csv,
            namespace,
            labels: { "olm.managed": "true" },
            annotations: {
                capabilities: "Basic Install",
                "operatorframework.io/properties": JSON.stringify({ properties: known }),
                ...(range ? { "olm.skipRange": `>=${range.from} <${range.below}` } : {}),
            },
        },
        spec: {
            displayName: pkg.displayName ?? pkg.name,
            description: `${pkg.displayName ?? pkg.name} ${bundle.version}`,
            version: bundle.version,
            ...(bundle.replaces ? { replaces: bundle.replaces } : {}),
            maturity: "stable",
            provider: { name: pkg.provider },
            installModes: ["OwnNamespace", "SingleNamespace", "MultiNamespace", "AllNamespaces"].map((type) => ({
                type,
                supported: (pkg.installModes as string[]).includes(type),
            })),
            ...(bundle.webhooks.length > 0 ? { webhookdefinitions: bundle.webhooks } : {}),
            customresourcedefinitions: { owned: named(pkg.provides), required: named(pkg.requires) },
            install: {
                strategy: "deployment",
                spec: {
                    permissions: [{ serviceAccountName: pkg.deployment, rules: LEASES }],
                    clusterPermissions: [{ serviceAccountName: pkg.deployment, rules: RULES }],
                    deployments: [{ name: pkg.deployment, spec: deploymentSpec(pkg.deployment, image) }],
                },
            },
        },
    };
}

const RULES = [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }];
const LEASES = [{ apiGroups: [""], resources: ["configmaps", "events"], verbs: ["*"] }];

function deploymentSpec(name: string, image: string): object {
    return {
        replicas: 1,
        selector: { matchLabels: { name } },
        template: {
            metadata: { labels: { name } },
            spec: { serviceAccountName: name, containers: [{ name, image }] },
        },
    };
}

/** The ServiceAccount and the rights of a CSV, in the order of the plan's steps. */
export function accessOf(csv: KubeObject): KubeObject[] {
    const { namespace, name: csvName } = csv.metadata;
    const name = csv.spec.install.spec.deployments[0].name;
    const { permissions, clusterPermissions } = csv.spec.install.spec;
    const local = { name: hashed(csvName, namespace!, "role"), namespace, ...ownedBy(csv) };
    const wide = { name: hashed(csvName, namespace!, "clusterrole"), labels: ownerLabels(csv) };
    const subjects = [{ kind: "ServiceAccount", name, namespace }];
    const rbac = "rbac.authorization.k8s.io";
    const apiVersion = `${rbac}/v1`;
    return [
        {
            apiVersion: "v1",
            kind: "ServiceAccount",
            metadata: { name, namespace, labels: { "olm.managed": "true" }, ownerReferences: [ownerReference(csv)] },
        },
        { apiVersion, kind: "Role", metadata: local, rules: permissions[0].rules },
        {
            apiVersion,
            kind: "RoleBinding",
            metadata: local,
            roleRef: { apiGroup: rbac, kind: "Role", name: local.name },
            subjects,
        },
        { apiVersion, kind: "ClusterRole", metadata: wide, rules: clusterPermissions[0].rules },
        {
            apiVersion,
            kind: "ClusterRoleBinding",
            metadata: wide,
            roleRef: { apiGroup: rbac, kind: "ClusterRole", name: wide.name },
            subjects,
        },
    ];
}

/**
 * The Deployment of a CSV. `config` is the Subscription's spec.config: resources, env and placement are laid over what
 * the bundle says. `deadline`: seconds of progressDeadlineSeconds, undefined = the API server's default.
 */
export function deploymentOf(csv: KubeObject, config: any = {}, deadline?: number): KubeObject {
    const { name, spec } = structuredClone(csv.spec.install.spec.deployments[0]);
    const pod = spec.template.spec;
    for (const container of pod.containers) {
        container.resources = config.resources ?? container.resources;
        container.env = [...(container.env ?? []), ...(config.env ?? [])];
    }
    pod.nodeSelector = config.nodeSelector ?? pod.nodeSelector;
    pod.tolerations = config.tolerations ?? pod.tolerations;
    spec.template.metadata.annotations = { "olm.operatorNamespace": csv.metadata.namespace };
    // A new version always rolls out anew: its pods differ at least in their image.
    spec.progressDeadlineSeconds = deadline;
    const { labels, ownerReferences } = ownedBy(csv);
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: {
            name,
            namespace: csv.metadata.namespace,
            labels: { ...labels, "olm.deployment-spec-hash": digest(JSON.stringify(spec)) },
            ownerReferences,
        },
        spec,
    };
}

/** The annotation by which a CRD names a CSV that came with it. */
export function installedAlongside(csvName: string, namespace: string): Record<string, string> {
    const value = `${namespace}/${csvName}`;
    const hash = createHash("sha256").update(value).digest("hex").slice(0, 16);
    return { [`operatorframework.io/installed-alongside-${hash}`]: value };
}

export function ownerReference(csv: KubeObject): OwnerReference {
    const { name, uid } = csv.metadata;
    return {
        apiVersion: csv.apiVersion,
        kind: csv.kind,
        name,
        uid: uid!,
        controller: false,
        blockOwnerDeletion: false,
    };
}

export function ownerLabels(csv: KubeObject): Record<string, string> {
    return {
        "olm.managed": "true",
        [OWNED_BY]: csv.metadata.name,
        [`${OWNED_BY}.kind`]: csv.kind,
        [`${OWNED_BY}.namespace`]: csv.metadata.namespace!,
    };
}

function ownedBy(csv: KubeObject) {
    return { labels: ownerLabels(csv), ownerReferences: [ownerReference(csv)] };
}

function hashed(csvName: string, namespace: string, what: string): string {
    return `${csvName.slice(0, 23).replace(/[^a-z0-9]+$/, "")}-${digest(`${namespace}/${csvName}/${what}`)}`;
}

/** Like OLM's own suffixes: letters and digits only. Lower case, so that the name is one that any object may have. */
function digest(text: string): string {
    return BigInt(`0x${createHash("sha224").update(text).digest("hex")}`).toString(36);
}
