import * as pulumi from "@pulumi/pulumi";
import { ObjectPatch } from "./object-patch";

/** Two labels of which a namespace has one: with both, neither injector takes its pods (istio/istio, mutatingwebhook.yaml). */
const ALTERNATIVES: Record<string, string> = { "istio-injection": "injection", "istio.io/rev": "injection" };

/**
 * Labels on a namespace that somebody else made: each is set by itself, and put back when it goes. A namespace of our own
 * carries its labels from the beginning (components/namespaces.ts).
 * @param labels their keys are plain: they decide which resources there are
 */
export function labelNamespace(
    namespace: string,
    labels: Record<string, pulumi.Input<string>>,
    opts: pulumi.CustomResourceOptions,
): ObjectPatch[] {
    return Object.keys(labels)
        .sort()
        .map(
            (label) =>
                new ObjectPatch(
                    `${namespace}/${ALTERNATIVES[label] ?? label}`,
                    {
                        apiVersion: "v1",
                        kind: "Namespace",
                        name: namespace,
                        path: ["metadata", "labels", label],
                        value: labels[label],
                    },
                    // One takes the other's place: it is gone before the other comes.
                    { ...opts, deleteBeforeReplace: true },
                ),
        );
}
