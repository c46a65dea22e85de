import { isStatus, type Kube, type KubeObject, KindMissing, type OwnerReference, refOf } from "../../../kube";
import { patiently } from "../maistra/common/write";
import { FIELD_MANAGER } from "./names";

/** A chart of one release, as the operator gives it to Helm. */
export interface Release {
    name: string;
    /** Where Helm keeps the release, which the objects' annotations say. */
    namespace: string;
    chart: string;
    version: string;
    objects: KubeObject[];
    owner: KubeObject;
}

const RELEASE_NAME = "meta.helm.sh/release-name";
const RELEASE_NAMESPACE = "meta.helm.sh/release-namespace";
const BY_HELM = "app.kubernetes.io/managed-by";

/**
 * Installs, upgrades and uninstalls releases. What is rendered as before is not written again, unless somebody has
 * taken some of it away (see forget).
 */
export class Helm {
    private readonly written = new Map<string, string>();

    constructor(private readonly kube: Kube) {}

    isInstalled(release: Release): boolean {
        return this.written.has(idOf(release));
    }

    /**
     * Writes a release. Errors: Helm's own words, when an object is there that is not of this release; the API
     * server's refusal.
     */
    async install(release: Release): Promise<void> {
        const text = JSON.stringify([release.objects, release.owner.metadata.uid]);
        if (this.written.get(idOf(release)) === text) {
            return;
        }
        const objects = release.objects.map((object) => labelled(object, release));
        const present = await Promise.all(objects.map((object) => this.find(object)));
        const known = present.some((object) => object?.metadata.annotations?.[RELEASE_NAME] === release.name);
        for (const object of present) {
            const problem = object && ownershipProblem(object, release);
            if (problem) {
                const what = known ? "update" : "install";
                const upgrade = known ? "update" : "install";
                throw new Error(
                    `failed to install/update Helm chart "${release.chart}": failed to ${upgrade} helm chart ` +
                        `${release.chart}: Unable to continue with ${what}: ${problem}`,
                );
            }
        }
        for (const [index, object] of objects.entries()) {
            await this.write(object, present[index]);
        }
        this.written.set(idOf(release), text);
    }

    /**
     * A second look at a release: from then on its validating webhooks refuse what nobody has looked at (recorded:
     * sail S1a, "generation": 2).
     */
    async closeWebhooks(release: Release): Promise<void> {
        for (const { apiVersion, kind, metadata } of release.objects) {
            if (kind !== "ValidatingWebhookConfiguration") {
                continue;
            }
            const present = await this.kube.get({ apiVersion, kind, name: metadata.name });
            const operations = (present?.webhooks ?? []).flatMap((webhook: any, index: number) =>
                webhook.failurePolicy === "Fail"
                    ? []
                    : [{ op: "replace", path: `/webhooks/${index}/failurePolicy`, value: "Fail" }],
            );
            if (operations.length > 0) {
                await this.kube.jsonPatch({ apiVersion, kind, name: metadata.name }, operations);
            }
        }
    }

    /** Deletes what of a release is there, the last installed first. */
    async uninstall(release: Release): Promise<void> {
        this.written.delete(idOf(release));
        for (const object of uninstallOrder(release.objects)) {
            const present = await this.find(labelled(object, release));
            if (present && present.metadata.annotations?.[RELEASE_NAME] === release.name) {
                await this.kube.delete(refOf(present), { propagationPolicy: "Background" });
            }
        }
    }

    /** Somebody has deleted an object of this release: the next look makes it again. */
    forget(object: KubeObject): void {
        const { annotations } = object.metadata;
        this.written.delete(`${annotations?.[RELEASE_NAMESPACE]}/${annotations?.[RELEASE_NAME]}`);
    }

    private async find(object: KubeObject): Promise<KubeObject | undefined> {
        try {
            return await this.kube.get(refOf(object));
        } catch (error) {
            if (error instanceof KindMissing) {
                return undefined;
            }
            throw error;
        }
    }

    private async write(object: KubeObject, present: KubeObject | undefined): Promise<void> {
        const options = { fieldManager: FIELD_MANAGER };
        if (present && object.kind === "ValidatingWebhookConfiguration") {
            // Its address and certificate are istiod's to fill in.
            const { labels, annotations, ownerReferences } = object.metadata;
            await this.kube.mergePatch(refOf(object), { metadata: { labels, annotations, ownerReferences } }, options);
        } else if (present && object.kind === "MutatingWebhookConfiguration") {
            const { labels, annotations, ownerReferences } = object.metadata;
            const metadata = { labels, annotations, ownerReferences };
            const webhooks = retargeted(object.webhooks, present.webhooks);
            await this.kube.mergePatch(refOf(object), { metadata, webhooks }, options);
        } else if (present && present.metadata.ownerReferences?.[0]?.uid === object.metadata.ownerReferences?.[0].uid) {
            await patiently(() => this.kube.apply(object, { ...options, force: true }));
        } else {
            await this.create(object);
        }
    }

    private async create(object: KubeObject): Promise<void> {
        try {
            await patiently(() => this.kube.apply(object, { fieldManager: FIELD_MANAGER, force: true }));
        } catch (error) {
            // Multus may not be there.
            if (!(error instanceof KindMissing) && !(isStatus(error, 404) && object.metadata.namespace === "default")) {
                throw error;
            }
        }
    }
}

/** Webhooks that still go to the same service keep the address that its istiod has filled in. */
function retargeted(wanted: any[], present: any[] = []): any[] {
    return wanted.map((webhook) => {
        const before = present.find(({ name }) => name === webhook.name)?.clientConfig;
        const same = before && new URL(before.url).pathname === new URL(webhook.clientConfig.url).pathname;
        return same ? { ...webhook, clientConfig: before } : webhook;
    });
}

/** As Helm's post-renderer and Helm itself mark every object (recorded: sail S1a). */
function labelled(object: KubeObject, { name, namespace, chart, version, owner }: Release): KubeObject {
    const { apiVersion, kind, metadata } = owner;
    const reference: OwnerReference = {
        apiVersion,
        kind,
        name: metadata.name,
        uid: metadata.uid ?? "",
        controller: true,
        blockOwnerDeletion: true,
    };
    const plain = version.replace(/^v/, "");
    return {
        ...object,
        metadata: {
            ...object.metadata,
            labels: {
                "app.kubernetes.io/instance": name,
                [BY_HELM]: "Helm",
                "app.kubernetes.io/part-of": "istio",
                "app.kubernetes.io/version": plain,
                "helm.sh/chart": `${chart}-${chart === "revisiontags" ? "0.1.0" : plain}`,
                "managed-by": "sail-operator",
                release: name,
                ...object.metadata.labels,
            },
            annotations: { ...object.metadata.annotations, [RELEASE_NAME]: name, [RELEASE_NAMESPACE]: namespace },
            ownerReferences: [reference],
        },
    };
}

/** helm/helm, pkg/action/validate.go: an object that is there must be of this very release. */
function ownershipProblem({ kind, metadata }: KubeObject, { name, namespace }: Release): string | undefined {
    const wrong = [
        ["label", mismatch(metadata.labels, BY_HELM, "Helm")],
        ["annotation", mismatch(metadata.annotations, RELEASE_NAME, name)],
        ["annotation", mismatch(metadata.annotations, RELEASE_NAMESPACE, namespace)],
    ].flatMap(([what, problem]) => (problem ? [`${what} validation error: ${problem}`] : []));
    return wrong.length === 0
        ? undefined
        : `${kind} "${metadata.name}" in namespace "${metadata.namespace ?? ""}" exists and cannot be imported into ` +
              `the current release: invalid ownership metadata; ${wrong.join("; ")}`;
}

function mismatch(map: Record<string, string> | undefined, key: string, value: string): string | undefined {
    const found = map?.[key];
    if (found === undefined) {
        return `missing key "${key}": must be set to "${value}"`;
    }
    return found === value ? undefined : `key "${key}" must equal "${value}": current value is "${found}"`;
}

/** As recorded (sail S2c): the workload and its rights first, webhooks last; of one kind as they were installed. */
const UNINSTALL = [
    ...["Service", "HorizontalPodAutoscaler", "Deployment", "DaemonSet", "RoleBinding", "Role"],
    ...["ClusterRoleBinding", "ClusterRole", "ConfigMap", "ServiceAccount", "NetworkAttachmentDefinition"],
    ...["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
];

function uninstallOrder(objects: KubeObject[]): KubeObject[] {
    return [...objects].sort((a, b) => UNINSTALL.indexOf(a.kind) - UNINSTALL.indexOf(b.kind));
}

function idOf({ namespace, name }: Release): string {
    return `${namespace}/${name}`;
}
