/** One resource that a stack declares. */
export interface Declared {
    /** Which resource it is to the engine, whatever its object is called. */
    id: string;
    apiVersion: string;
    kind: string;
    namespace?: string;
    name: string;
    /** "Deployment shop/cart". */
    title: string;
    /** The object; empty for what is none of Kubernetes. */
    body: Record<string, any>;
    /** Only these fields are declared: the object is somebody else's. */
    patch: boolean;
    /** Whether the engine refuses to delete it. */
    protect?: true;
}

/** All that a stack declares at one time, and what it tells others. */
export interface Picture {
    declared: Declared[];
    outputs: Record<string, any>;
}

/** Kubernetes objects of one kind, whatever version they are written in. */
export function ofKind({ declared }: Picture, ...kinds: string[]): Declared[] {
    return declared.filter(({ kind, patch }) => !patch && kinds.includes(kind));
}

/** Whether it is a Gateway of the Gateway API, which is made into pods; one of Istio is a piece of config. */
export function isApiGateway({ apiVersion, kind }: Pick<Declared, "apiVersion" | "kind">): boolean {
    return kind === "Gateway" && apiVersion.startsWith("gateway.networking.k8s.io/");
}

/** A resource from its object. */
export function declare(id: string, object: Record<string, any>, patch = false): Declared {
    const body = plain(object) as Record<string, any>;
    const { apiVersion = "", kind = "", metadata = {} } = body;
    const { namespace, name = "" } = metadata;
    const place = namespace === undefined ? name : `${namespace}/${name}`;
    return {
        id,
        apiVersion,
        kind,
        ...(namespace === undefined ? {} : { namespace }),
        name,
        title: `${kind} ${place}`,
        body,
        patch,
    };
}

/** An object that has one field set by a patch, with no more of it than that. */
export function patchedObject(inputs: Record<string, any>): Record<string, any> {
    const { apiVersion, kind, namespace, name, path, value } = inputs;
    const whole: Record<string, any> = { apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}) } };
    const keys = [...(path as string[])];
    const last = keys.pop() as string;
    keys.reduce((at, key) => (at[key] ??= {}), whole)[last] = value;
    return whole;
}

/** The keys by which the engine tells secrets and unknown values (pulumi/pulumi, sdk/nodejs/runtime/rpc.ts). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A value without what only the engine needs, secrets masked. */
export function plain(value: unknown): unknown {
    if (value === UNKNOWN) {
        return "[unknown]";
    }
    if (Array.isArray(value)) {
        return value.map(plain);
    }
    if (value === null || typeof value !== "object") {
        return value;
    }
    if (SIGNATURE in value) {
        return "[secret]";
    }
    return Object.fromEntries(
        Object.entries(value)
            .filter(([key]) => !key.startsWith("__"))
            .map(([key, inner]) => [key, plain(inner)]),
    );
}
