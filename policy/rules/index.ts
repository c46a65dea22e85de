import type { Rule } from "../rule";
import { noAllowAll, serviceHasPolicy } from "./access";
import { exceptionsOnlyListeners } from "./exceptions";
import { noRoutePastMesh, noWildcardHost } from "./hosts";
import { mtlsMeshWide, mtlsStrict } from "./mtls";
import { namesInEnvironment } from "./names";
import { operatorCatalogue } from "./operator-catalogue";
import { protectedFromDeletion } from "./protection";
import { samplingCeiling } from "./sampling";
import { imageDigest, noLatest, probesSet, resourcesSet } from "./workloads";

/** Every rule of the pack. */
export const rules: readonly Rule[] = [
    operatorCatalogue,
    mtlsStrict,
    mtlsMeshWide,
    serviceHasPolicy,
    noAllowAll,
    noRoutePastMesh,
    noWildcardHost,
    exceptionsOnlyListeners,
    resourcesSet,
    probesSet,
    imageDigest,
    noLatest,
    namesInEnvironment,
    samplingCeiling,
    protectedFromDeletion,
];
