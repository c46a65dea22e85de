import { z } from "zod";
import { inProd } from "../levels";
import { type Declared, isKind, judgeEach, objectOf, resourceRule, versionOf } from "../rule";
import { EACH, find, type Found } from "../values";

/** Every trace costs its service, and whatever keeps it. Nothing said is 1 percent (istio/istio, values). */
export const samplingCeiling = resourceRule({
    name: "sampling-ceiling",
    description: "No more requests are traced than the environment can bear.",
    level: inProd,
    settings: z.object({
        maximum: z
            .number()
            .min(0)
            .max(100)
            .default(10)
            .describe("The most that may be traced, in percent of requests."),
    }),
    judge: (resource, { maximum }) =>
        samplings(resource).flatMap(({ found, unit }) =>
            judgeEach(found, (value: number, path) =>
                value * unit <= maximum
                    ? undefined
                    : `${objectOf(resource)} traces ${value * unit} % of requests (${path}), more than ${maximum} %: ` +
                      "set mesh:controlPlane.tracing.sampling",
            ),
        ),
});

/** Where samplings stand, and how many percent their unit is. */
function samplings(resource: Declared): { found: Found[]; unit: number }[] {
    const { props } = resource;
    if (isKind(resource, "maistra.io", "ServiceMeshControlPlane")) {
        return versionOf(resource) === "v1"
            ? [{ found: find(props, "spec", "istio", "pilot", "traceSampling"), unit: 1 }]
            : // Hundredths of a percent (maistra/istio-operator, pkg/apis/maistra/v2/tracing.go).
              [{ found: find(props, "spec", "tracing", "sampling"), unit: 0.01 }];
    }
    return isKind(resource, "sailoperator.io", "Istio")
        ? [
              { found: find(props, "spec", "values", "pilot", "traceSampling"), unit: 1 },
              {
                  found: find(props, "spec", "values", "meshConfig", "defaultConfig", "tracing", "sampling"),
                  unit: 1,
              },
          ]
        : isKind(resource, "telemetry.istio.io", "Telemetry")
          ? [{ found: find(props, "spec", "tracing", EACH, "randomSamplingPercentage"), unit: 1 }]
          : [];
}
