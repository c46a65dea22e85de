import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { DIGEST, digestKey } from "../cluster/facts";
import { digest, type ObjectMeta } from "../specs/meta";
import type { Context } from "./context";

interface Body {
    apiVersion: string;
    kind: string;
    metadata: pulumi.Input<ObjectMeta>;
    spec: pulumi.Input<object>;
}

/** An object of a kind that the provider knows only from the cluster. */
export function custom(name: string, body: Body, opts: pulumi.CustomResourceOptions): k8s.apiextensions.CustomResource {
    const aliases = [...((opts.aliases as pulumi.Alias[] | undefined) ?? []), ...otherVersions(body)];
    return new k8s.apiextensions.CustomResource(name, body as k8s.apiextensions.CustomResourceArgs, {
        ...opts,
        aliases,
    });
}

/** Versions in which Istio's kinds have been served: the same object, whichever it is written in (istio.io/api). */
const ISTIO_VERSIONS = ["v1alpha3", "v1beta1", "v1"];

/**
 * An object stays the same object when a later generation writes it in a later version. To the engine another version is
 * another type: without these names it would make the object anew, which is there already, and then delete it.
 */
function otherVersions({ apiVersion, kind }: Body): pulumi.Alias[] {
    const [group, version] = apiVersion.split("/");
    return group.endsWith(".istio.io")
        ? ISTIO_VERSIONS.filter((v) => v !== version).map((v) => ({ type: `kubernetes:${group}/${v}:${kind}` }))
        : [];
}

/**
 * The same for an object whose admission webhooks refuse dry runs, as operator 1.1's do (recorded: maistra117 N1). A
 * preview asks with a dry run; the provider takes the refusal well for a create, but as a failure for an update, unless
 * some part of the object is not known yet: then it does not ask (pulumi-kubernetes 4.34, provider.go, Create and
 * Update). So the object carries a digest of what is asked for, and in a preview the digest of one that is about to
 * change is not known. All else of the change shows as it is.
 */
export function guarded(
    name: string,
    { metadata, spec, ...kind }: Body,
    context: Context,
    opts: pulumi.CustomResourceOptions,
): k8s.apiextensions.CustomResource {
    const withDigest = pulumi.all([metadata, spec]).apply(([meta, wanted]): ObjectMeta => {
        const now = digest([meta, wanted]);
        const there = context.digests[digestKey(kind.kind, meta)];
        const changes = there !== undefined && there !== now;
        const value = changes && pulumi.runtime.isDryRun() ? pulumi.runtime.unknownValue : now;
        return { ...meta, annotations: { ...meta.annotations, [DIGEST]: value } };
    });
    return custom(name, { ...kind, metadata: withDigest, spec }, opts);
}
