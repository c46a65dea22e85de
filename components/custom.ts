import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ObjectMeta } from "../specs/meta";

/** An object of a kind that the provider knows only from the cluster. */
export function custom(
    name: string,
    body: { apiVersion: string; kind: string; metadata: pulumi.Input<ObjectMeta>; spec: pulumi.Input<object> },
    opts: pulumi.CustomResourceOptions,
): k8s.apiextensions.CustomResource {
    return new k8s.apiextensions.CustomResource(name, body as k8s.apiextensions.CustomResourceArgs, opts);
}
