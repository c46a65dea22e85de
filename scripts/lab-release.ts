import type { SettingsPatch } from "../lab";
import type { MeshConfig } from "../config/schema";

/** The OpenShift of each generation's time; a later generation than these needs a cluster of today. */
const RELEASES: Record<string, SettingsPatch["openshift"]> = {
    // Operator 1.1's CRDs are of a version that Kubernetes 1.22, OpenShift 4.9, no longer takes.
    "1.1": "4.5",
};

/** The lab in which a mesh of this config can be had. */
export function labSettings({
    generation,
    controlPlane,
}: Pick<MeshConfig, "generation" | "controlPlane">): SettingsPatch {
    const { api } = controlPlane.gateways.ingress;
    return {
        openshift: RELEASES[generation] ?? "4.18",
        ...(api === "gateway-api" ? { seed: { gatewayApi: true } } : {}),
    };
}
