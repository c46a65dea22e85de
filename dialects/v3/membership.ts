import type { MeshConfig } from "../../config/schema";
import type { MemberLabels } from "../piece";

/** The label by which the control plane knows a namespace and what is in it. */
export function known({ controlPlane: { name } }: MeshConfig): Record<string, string> {
    return { "istio-discovery": name };
}

/** The name of the tag, which stays the same from one revision to the next. */
export function tagName({ controlPlane: { name } }: MeshConfig): string {
    return `${name}-tag`;
}

/** Whether each version of the control plane is a revision of its own, and a tag says which one is meant. */
export function byRevision({ controlPlane: { updateStrategy } }: MeshConfig): boolean {
    return updateStrategy?.type === "RevisionBased";
}

/**
 * The labels of a namespace whose pods get their sidecars from this control plane. `istio-injection` works with the
 * revision called default alone (openshift-service-mesh/sail-operator, docs/ossm/injection).
 */
export function injected(config: MeshConfig): Record<string, string> {
    const { name } = config.controlPlane;
    if (byRevision(config)) {
        return { "istio.io/rev": tagName(config) };
    }
    // With unique names it is not called so in the cluster.
    return name === "default" && !config.uniqueNames ? { "istio-injection": "enabled" } : { "istio.io/rev": name };
}

/** The revision that sidecars are of, as its operator names it (recorded: sail 1.7): <Istio>, or <Istio>-v1-27-9. */
export function revisionName(config: MeshConfig): string {
    const { name, version } = config.controlPlane;
    return byRevision(config) && version !== undefined ? `${name}-${version.replaceAll(".", "-")}` : name;
}

/** The label that keeps a control plane of 2.6 away (docs/ossm/ossm2-migration there). */
export function memberLabels(config: MeshConfig): MemberLabels {
    return {
        known: known(config),
        injected: injected(config),
        leaving: { "maistra.io/ignore-namespace": "true" },
    };
}
