import { type Kube, type KubeObject, refOf } from "../../../../kube";
import { apply } from "../common/write";

/**
 * Writes an object of a control plane. Routes are deleted and made again at every reconciliation, so that their uid and
 * their admission are new ("spec.host not set on Route, need to recreate": maistra/istio-operator, controlplane/
 * manifestprocessing.go; recorded: M3a, M4a; trap 40).
 */
export async function writeObject(kube: Kube, object: KubeObject): Promise<void> {
    if (object.kind === "Route") {
        await kube.delete(refOf(object), { propagationPolicy: "Background" });
    }
    await apply(kube, object);
}
