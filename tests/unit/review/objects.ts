import { declare, type Declared, type Picture } from "../../../review/picture";
import { changesBetween } from "../../../review/changes";
import { concernsOf } from "../../../review/concerns";

/** An object for tables of tests; "shop/cart" is a namespaced name. */
export function object(kind: string, place: string, spec: object = {}, apiVersion = apiOf(kind)): object {
    const [name, namespace] = place.split("/").reverse();
    return { apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}) }, spec };
}

function apiOf(kind: string): string {
    const known: Record<string, string> = {
        AuthorizationPolicy: "security.istio.io/v1",
        PeerAuthentication: "security.istio.io/v1",
        VirtualService: "networking.istio.io/v1",
        DestinationRule: "networking.istio.io/v1",
        HTTPRoute: "gateway.networking.k8s.io/v1",
        Route: "route.openshift.io/v1",
        ServiceMeshControlPlane: "maistra.io/v2",
        Istio: "sailoperator.io/v1",
        Subscription: "operators.coreos.com/v1alpha1",
        NetworkPolicy: "networking.k8s.io/v1",
        Deployment: "apps/v1",
    };
    return known[kind] ?? "v1";
}

export function picture(objects: object[], outputs: Record<string, unknown> = {}): Picture {
    return { declared: objects.map(declared), outputs };
}

function declared(body: any): Declared {
    const { kind, metadata } = body;
    return declare(`${kind}/${metadata.namespace ?? ""}/${metadata.name}`, body);
}

/** What a reviewer is told, as "topic: text", warnings with a "!". */
export function told(before: Picture, after: Picture): string[] {
    const changes = changesBetween(before, after);
    return concernsOf({ before, after, changes }).map((c) => `${c.warns ? "!" : ""}${c.topic}: ${c.text}`);
}
