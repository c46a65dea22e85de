import { z } from "zod";
import { warnedInStaging } from "../levels";
import { type Declared, isKind, notJudged, objectOf, stackRule, wrong } from "../rule";
import { get, same, some, UNKNOWN } from "../values";

/**
 * A policy sees what a stack is to be, and nothing of what goes: resources that are no longer declared are not shown to
 * it, and a destroy runs no policies at all (pulumi/pulumi, pkg/resource/deploy/step_generator.go, AnalyzeResources;
 * pkg/cmd/pulumi/operations/destroy.go). What it can see to is that the engine will refuse: that each of these is
 * protected as long as it is there.
 */
export const protectedFromDeletion = stackRule({
    name: "protected",
    description: "Control planes, their namespaces and those of operators cannot be deleted by mistake.",
    level: warnedInStaging,
    settings: z.object({}),
    judgeStack(resources) {
        const homes = resources.flatMap(homesOf);
        return resources
            .filter(({ opts }) => !opts.protect)
            .flatMap((of) => {
                const needs = isControlPlane(of)
                    ? true
                    : isKind(of, "core", "Namespace")
                      ? some(homes.map((home) => same(home, get(of.props, "metadata", "name"))))
                      : false;
                const message =
                    `${objectOf(of)} is not protected: set mesh:protect: true. Whoever means to delete it then has ` +
                    "to lift that first (mesh:protect: false and an update, or pulumi state unprotect)";
                return needs === false
                    ? []
                    : [{ ...(needs === UNKNOWN ? notJudged("whether a control plane is in it") : wrong(message)), of }];
            });
    },
});

function isControlPlane(resource: Declared): boolean {
    return isKind(resource, "maistra.io", "ServiceMeshControlPlane") || isKind(resource, "sailoperator.io", "Istio");
}

/** Namespaces with which a control plane or an operator would go. */
function homesOf(resource: Declared): unknown[] {
    return isKind(resource, "sailoperator.io", "Istio")
        ? [get(resource.props, "spec", "namespace")]
        : isControlPlane(resource) || isKind(resource, "operators.coreos.com", "Subscription")
          ? [get(resource.props, "metadata", "namespace")]
          : [];
}
