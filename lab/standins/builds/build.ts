import { createHash } from "node:crypto";
import type { KubeObject, OwnerReference } from "../../../kube";

/** What OpenShift's build controller makes and writes (openshift/openshift-controller-manager, pkg/build). */

const REGISTRY = "image-registry.openshift-image-registry.svc:5000";

/** A BuildConfig begins its first build when it is made, where it asks for that; a later change begins none. */
export function beginsByItself(config: KubeObject): boolean {
    const triggers: { type: string }[] = config.spec.triggers ?? [];
    return (config.status?.lastVersion ?? 0) === 0 && triggers.some((t) => t.type === "ConfigChange");
}

export function buildOf(config: KubeObject, number: number): KubeObject {
    const { name, namespace, labels } = config.metadata;
    const { source, strategy, output } = config.spec;
    return {
        apiVersion: config.apiVersion,
        kind: "Build",
        metadata: {
            name: `${name}-${number}`,
            namespace,
            labels: {
                ...labels,
                buildconfig: name.slice(0, 63),
                "openshift.io/build-config.name": name.slice(0, 63),
                "openshift.io/build.start-policy": "Serial",
            },
            annotations: {
                "openshift.io/build-config.name": name,
                "openshift.io/build.number": String(number),
            },
            ownerReferences: [ownerOf(config)],
        },
        spec: {
            serviceAccount: "builder",
            source,
            strategy,
            output,
            triggeredBy: [{ message: "Build configuration change" }],
        },
    };
}

export function nameOfConfig(build: KubeObject): string {
    return build.metadata.annotations?.["openshift.io/build-config.name"] ?? "";
}

export function failure(log: string): object {
    return {
        phase: "Failed",
        reason: "DockerBuildFailed",
        message: "Dockerfile build strategy has failed.",
        logSnippet: log,
        completionTimestamp: now(),
    };
}

export function completion(build: KubeObject): object {
    const { namespace } = build.metadata;
    return {
        phase: "Complete",
        reason: null,
        message: null,
        completionTimestamp: now(),
        outputDockerImageReference: `${REGISTRY}/${namespace}/${build.spec.output?.to?.name}`,
        output: { to: { imageDigest: digestOf(build) } },
    };
}

/** The ImageStream's status with what a build has pushed: the newest image of a tag comes first. */
export function pushed(stream: KubeObject, tag: string, build: KubeObject): object {
    const { namespace, name } = stream.metadata;
    const repository = `${REGISTRY}/${namespace}/${name}`;
    const image = digestOf(build);
    const item = { created: now(), dockerImageReference: `${repository}@${image}`, image, generation: 1 };
    const tags: { tag: string; items?: object[] }[] = stream.status?.tags ?? [];
    const before = tags.find((t) => t.tag === tag)?.items ?? [];
    return {
        dockerImageRepository: repository,
        tags: [...tags.filter((t) => t.tag !== tag), { tag, items: [item, ...before] }],
    };
}

export function now(): string {
    return `${new Date().toISOString().slice(0, 19)}Z`;
}

function digestOf(build: KubeObject): string {
    return `sha256:${createHash("sha256").update(String(build.metadata.uid)).digest("hex")}`;
}

function ownerOf({ apiVersion, kind, metadata: { name, uid } }: KubeObject): OwnerReference {
    return { apiVersion, kind, name, uid: uid!, controller: true };
}
