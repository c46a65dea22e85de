import { createHash } from "node:crypto";
import type { ServiceConfig } from "./access";

export type Build = NonNullable<ServiceConfig["build"]>;

/** OpenShift's own registry, as pods reach it (openshift-docs, modules/registry-accessing-directly.adoc). */
const REGISTRY = "image-registry.openshift-image-registry.svc:5000";

/** A label's value may be no longer, and the name of a BuildConfig is a label of its Builds. */
const LABEL_LENGTH = 63;

/**
 * What tells one way of building a service from another. A BuildConfig starts a build when it is made and not when it is
 * changed (openshift-docs, modules/builds-configuration-change-triggers.adoc); so each way has a BuildConfig and a tag of
 * its own, and a service goes back to an image that was built before without building it again.
 */
export function buildTag(service: string, build: Build): string {
    const what = [service, build.git, build.ref ?? "", build.context ?? "", build.containerfile];
    return createHash("sha256").update(JSON.stringify(what)).digest("hex").slice(0, 8);
}

export function buildConfigName(service: string, build: Build): string {
    const tag = buildTag(service, build);
    return `${service.slice(0, LABEL_LENGTH - tag.length - 1)}-${tag}`;
}

export function buildConfigSpec(service: string, build: Build): object {
    return {
        source: {
            type: "Git",
            git: { uri: build.git, ...(build.ref === undefined ? {} : { ref: build.ref }) },
            ...(build.context === undefined ? {} : { contextDir: build.context }),
        },
        strategy: { type: "Docker", dockerStrategy: { dockerfilePath: build.containerfile } },
        output: { to: { kind: "ImageStreamTag", name: `${service}:${buildTag(service, build)}` } },
        triggers: [{ type: "ConfigChange" }],
    };
}

/** The image once it is built, as a pod names it. */
export function builtImage(service: string, namespace: string, build: Build): string {
    return `${REGISTRY}/${namespace}/${service}:${buildTag(service, build)}`;
}
