/** Config of the gateway through which requests come in. */
import { z } from "zod";
import { antiAffinity, choice, flag, integer, label, object, resourceKeys } from "./fields";

/** Whether something is scaled by its load. */
export function autoscale(what: string) {
    return flag().optional().describe(`Whether ${what} is scaled by its load. Default: the generation's.`);
}

const pods = (what: string) => integer(1, 1000, "a number of pods").optional().describe(what);

export const ingress = object({
    api: choice(["istio", "gateway-api"])
        .default("istio")
        .describe(
            "By which kinds it is made and told of hosts. istio: a Deployment of the control plane's or this stack's, with " +
                "Gateways and VirtualServices of Istio; gateway-api: one Gateway of the Kubernetes Gateway API, from which " +
                "istiod makes the Deployment, with an HTTPRoute for each host (on generation 3, where the cluster has " +
                "these kinds). Default: istio.",
        ),
    autoscale: autoscale("the ingress gateway"),
    namespace: label("a namespace")
        .optional()
        .describe("Its namespace, on generation 3. Default: the control plane's namespace and -ingress."),
    replicas: object({
        min: pods("How many pods it has, at least when it is scaled. Default: 1."),
        max: pods("How many pods it has at most when it is scaled. Default: the generation's."),
    })
        .optional()
        .describe("How many pods it has."),
    minAvailable: pods("How many of its pods stay while nodes are drained, on generation 3. Default: not set."),
    antiAffinity: antiAffinity(", on generation 3"),
    ...resourceKeys("it"),
})
    .prefault({})
    .describe("The ingress gateway.");

export type IngressConfig = z.output<typeof ingress>;
