import { z } from "zod";
import { everywhere } from "../levels";
import { isKind, judgeEach, notJudged, objectOf, resourceRule, wrong } from "../rule";
import { find, get, UNKNOWN } from "../values";

/** What runs with rights over the whole cluster comes from where somebody answers for it. */
export const operatorCatalogue = resourceRule({
    name: "operator-catalogue",
    description: "Operators come from an allowed catalogue source.",
    level: everywhere,
    settings: z.object({
        sources: z
            .array(z.string())
            .default(["openshift-marketplace/redhat-operators"])
            .describe("The catalogue sources that are allowed, each as namespace/name."),
    }),
    judge(resource, { sources }) {
        if (isKind(resource, "operators.coreos.com", "CatalogSource")) {
            return [wrong(`${objectOf(resource)} brings a catalogue of its own: use ${sources.join(" or ")}`)];
        }
        if (!isKind(resource, "operators.coreos.com", "Subscription")) {
            return [];
        }
        const namespace = get(resource.props, "spec", "sourceNamespace");
        if (namespace === UNKNOWN) {
            return [notJudged("spec.sourceNamespace")];
        }
        return judgeEach(find(resource.props, "spec", "source"), (source) =>
            sources.includes(`${namespace}/${source}`)
                ? undefined
                : `${objectOf(resource)} takes its operator from ${namespace}/${source}: set mesh:catalog or ` +
                  `mesh:operators.<name>.source to ${sources.join(" or ")}`,
        );
    },
});
