import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { buildGate } from "../cluster/build-gate";
import { type Build, buildConfigName, buildConfigSpec, buildTag, builtImage } from "../specs/build";
import type { ObjectMeta } from "../specs/meta";
import { type Context, held } from "./context";
import { custom } from "./custom";

export interface ImageBuildArgs {
    service: string;
    build: Build;
    namespace: pulumi.Output<string>;
    /** Set when the namespace is ours. */
    ownNamespace?: k8s.core.v1.Namespace;
    meta(objectName: string): pulumi.Output<ObjectMeta>;
}

/**
 * Has OpenShift build the image of a service, and says its name once it is there. It waits for nothing but its namespace:
 * the build runs while the mesh is being made.
 */
export function buildImage(
    name: string,
    args: ImageBuildArgs,
    context: Context,
    parent: pulumi.Resource,
): pulumi.Output<string> {
    const { service, build, namespace, ownNamespace, meta } = args;
    const after = ownNamespace === undefined ? [] : [ownNamespace];
    const opts: pulumi.CustomResourceOptions = { parent, deletedWith: ownNamespace, dependsOn: after };
    const stream = custom(
        name,
        {
            apiVersion: "image.openshift.io/v1",
            kind: "ImageStream",
            metadata: meta(service),
            spec: { lookupPolicy: { local: false } },
        },
        opts,
    );
    const config = custom(
        name,
        {
            apiVersion: "build.openshift.io/v1",
            kind: "BuildConfig",
            metadata: meta(buildConfigName(service, build)),
            spec: buildConfigSpec(service, build),
        },
        // Its first build begins at once, and wants to know where the image goes.
        { ...opts, dependsOn: [...after, stream] },
    );
    const gate = namespace.apply((ns) =>
        buildGate({
            namespace: ns,
            name: buildConfigName(service, build),
            imageStream: service,
            tag: buildTag(service, build),
            timeoutSeconds: context.timeouts.build,
        }),
    );
    const built = held(context, config, [config, stream], gate, { build: "" });
    return pulumi.all([built.value, namespace]).apply(([, ns]) => builtImage(service, ns, build));
}
