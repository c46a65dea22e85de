import type { Declared } from "../../../policy/rule";

/** A resource of Kubernetes as a program declares it, e.g. "apps/v1:Deployment" "shop/cart". */
export function object(kind: string, name: string, body: object = {}, protect = false): Declared {
    const [own, namespace] = name.split("/").reverse();
    return declared(
        `kubernetes:${kind}`,
        name,
        { metadata: { name: own, ...(namespace === undefined ? {} : { namespace }) }, ...body },
        protect,
    );
}

/** One string on an object that exists. */
export function patch(kind: string, name: unknown, path: string[], value: unknown = "true"): Declared {
    return declared("pulumi-nodejs:dynamic/mesh:ObjectPatch", "patch", { kind, namespace: "shop", name, path, value });
}

function declared(type: string, name: string, props: object, protect = false): Declared {
    return { type, name, urn: `urn:pulumi:dev::mesh::${type}::${name}`, props, opts: { protect } };
}

export interface PodParts {
    labels?: object;
    annotations?: unknown;
    container?: object;
    spec?: object;
}

/** A workload in the mesh, unless its annotations or labels say otherwise. */
export function workload(name: string, { labels, annotations, container, spec }: PodParts = {}): Declared {
    return object("apps/v1:Deployment", name, {
        spec: {
            template: {
                metadata: {
                    labels: { app: name.split("/").at(-1), "sidecar.istio.io/inject": "true", ...labels },
                    ...(annotations === undefined ? {} : { annotations }),
                },
                spec: spec ?? { containers: [{ name: "it", image: "registry.example.com/it:1", ...container }] },
            },
        },
    });
}

export const service = (name: string, selector: unknown): Declared =>
    object("core/v1:Service", name, { spec: { selector } });

export const route = (name: string, to: unknown, more: object = {}): Declared =>
    object("route.openshift.io/v1:Route", name, {
        spec: { host: "a.example.com", to: { kind: "Service", name: to }, ...more },
    });

export const policy = (name: string, spec: unknown): Declared =>
    object("security.istio.io/v1:AuthorizationPolicy", name, { spec });
