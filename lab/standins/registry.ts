import { standIn as addons } from "./addons";
import { standIn as builds } from "./builds";
import { standIn as deploymentconfig } from "./deploymentconfig";
import { standIn as kubelet } from "./kubelet";
import { standIn as maistra } from "./maistra";
import { standIn as neighbours } from "./neighbours";
import { standIn as olm } from "./olm";
import { standIn as router } from "./router";
import { standIn as sail } from "./sail";
import { standIn as tekton } from "./tekton";
import type { StandIn } from "./types";

/** The stand-ins by name: each is `standIn` of lab/standins/<name>. */
export const STAND_INS: Record<string, StandIn> = {
    kubelet,
    router,
    tekton,
    deploymentconfig,
    builds,
    olm,
    maistra,
    sail,
    addons,
    neighbours,
};
