import { istioCrds } from "../../../crds";
import type { StandInContext } from "../../types";
import { installMissingKinds } from "../common/istio-kinds";
import { OPERATOR_VERSION } from "./names";

/** Until the first of them appears (recorded: N1, 0.5 s after the namespace was labelled). */
const BEFORE_KINDS_MS = 450;

/** Istio's kinds come with the first control plane of a cluster. */
export async function installIstioKinds(context: StandInContext): Promise<void> {
    await installMissingKinds(context, await istioCrds(), OPERATOR_VERSION, BEFORE_KINDS_MS);
}
