/** What the generations of the Maistra operator, 1.1 and 2.6, have in common. */
import type { MeshConfig } from "../config/schema";
import type { Gateway, Home } from "./piece";

/**
 * The versions of a control plane that a release of the operator takes, by its CSV's name. Recorded: maistra117,
 * maistra25; 1.0.x knew v1.0 alone (maistra/istio-operator, tag maistra-1.0.11). Of 2.6 no source is known.
 */
export function versionsOf(csv: string): string[] | undefined {
    const release = /^servicemeshoperator\.v(\d+\.\d+)\./.exec(csv)?.[1];
    return release === undefined ? undefined : VERSIONS[release];
}

const VERSIONS: Record<string, string[] | undefined> = {
    "1.0": ["v1.0"],
    "1.1": ["v1.0", "v1.1"],
    "2.5": ["v2.2", "v2.3", "v2.4", "v2.5"],
};

/** Everything is in the control plane's namespace, which the operator labels by itself. */
export function homes({ controlPlane: { namespace } }: MeshConfig): Home[] {
    return [{ purpose: "control plane", name: namespace, labels: {} }];
}

/** The gateway that the control plane brings (maistra/istio-operator, maistra-1.1 and maistra-2.5, resources/helm). */
export function gateway({ controlPlane: { namespace } }: MeshConfig): Gateway {
    return {
        namespace,
        service: "istio-ingressgateway",
        selector: { istio: "ingressgateway" },
        principal: `cluster.local/ns/${namespace}/sa/istio-ingressgateway-service-account`,
        ports: { plain: "http2", tls: "https" },
    };
}

/** Who makes the Routes of hosts. */
export function routes({ controlPlane: { routes: by } }: MeshConfig): "mesh" | "stack" | "nobody" {
    return by === "gateways" ? "mesh" : by === "stack" ? "stack" : "nobody";
}

/** The operator's own kinds (maistra/istio-operator, manifests-servicemesh). */
export const OWNS = ["servicemeshcontrolplanes", "servicemeshmemberrolls", "servicemeshmembers"].map(
    (kind) => `${kind}.maistra.io`,
);
