import type { IngressConfig } from "../config/schema-gateway";

/** How many pods the gateways' autoscaler makes at most, unless told otherwise (istio/istio, charts gateways). */
const MOST = 5;

/** How many pods the ingress gateway has. `max` is there only where it has to be said. */
export function scaling({ autoscale, replicas }: IngressConfig, byDefault: boolean) {
    const scaled = autoscale ?? (replicas?.max !== undefined || byDefault);
    const min = replicas?.min;
    // An autoscaler with more pods at least than at most is refused.
    const max = replicas?.max ?? (min !== undefined && min > MOST ? min : undefined);
    return scaled ? { scaled, min, max } : { scaled, count: min };
}

/** The same with nothing left open. */
export function bounds(ingress: IngressConfig, byDefault: boolean) {
    const { scaled, min = 1, max = MOST, count = 1 } = scaling(ingress, byDefault);
    return { scaled, min, max, count };
}
