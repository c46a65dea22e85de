import { istioCrdsOf2 } from "../../../crds";
import type { StandInContext } from "../../types";
import { installMissingKinds } from "../common/istio-kinds";

/** Until they are there, well before the control plane is Ready (recorded: M1b, 1.5 to 9 s; trap 15). */
const BEFORE_KINDS_MS = 3_500;

/** Istio's kinds come with the first control plane of a cluster. */
export async function installIstioKinds(context: StandInContext, operator: string): Promise<void> {
    await installMissingKinds(context, await istioCrdsOf2(), operator, BEFORE_KINDS_MS);
}
