import type * as pulumi from "@pulumi/pulumi";

/**
 * The cluster as a dynamic provider sees it. The code of a dynamic provider is stored in the stack's state and run from
 * there, also by `pulumi destroy`, which does not run the program: it may use nothing but what is inside its functions and
 * packages that it requires by name (pulumi/pulumi, sdk/nodejs/cmd/dynamic-provider).
 */

export interface Named {
    apiVersion: string;
    kind: string;
    metadata: { name: string; namespace?: string; [key: string]: any };
    [key: string]: any;
}

export interface ForeignCluster {
    /** undefined when there is no such object, or no such kind. */
    read(ref: Named): Promise<Named | undefined>;
    list(apiVersion: string, kind: string, namespace?: string, labelSelector?: string): Promise<Named[]>;
    /** JSON merge patch: changes what exists, never creates. False when the object is gone. */
    merge(ref: Named, patch: object): Promise<boolean>;
    /** False when there was nothing to delete. */
    remove(ref: Named): Promise<boolean>;
}

/** A dynamic provider for objects in the cluster that the stack's Kubernetes provider talks to. */
export interface ClusterProvider extends pulumi.dynamic.ResourceProvider {
    kubeconfig?: string;
    context?: string;
}

/** Called once with the stack's config before anything else; on a destroy, with the config of the last update. */
export async function configure(this: ClusterProvider, { config }: pulumi.dynamic.ConfigureRequest): Promise<void> {
    this.kubeconfig = config.get("kubernetes:kubeconfig");
    this.context = config.get("kubernetes:context");
}

/** Both as the Kubernetes provider takes them: a path or the YAML itself; default: the environment's. */
export function foreignCluster({ kubeconfig, context }: ClusterProvider): ForeignCluster {
    const { KubeConfig, KubernetesObjectApi, PatchStrategy } =
        require("@kubernetes/client-node") as typeof import("@kubernetes/client-node");
    const { existsSync } = require("fs") as typeof import("fs");
    const config = new KubeConfig();
    if (!kubeconfig) {
        config.loadFromDefault();
    } else if (existsSync(kubeconfig)) {
        config.loadFromFile(kubeconfig);
    } else {
        config.loadFromString(kubeconfig);
    }
    if (context) {
        config.setCurrentContext(context);
    }
    const api = KubernetesObjectApi.makeApiClient(config);

    // A kind that is not served, and an object that is not there, are both "gone" for whoever cleans up.
    const unlessGone = async <T>(work: Promise<T>, gone: T): Promise<T> => {
        try {
            return await work;
        } catch (error) {
            const { code, message } = error as { code?: number; message?: string };
            if (code === 404 || /Unrecognized API version and kind/.test(message ?? "")) {
                return gone;
            }
            throw error;
        }
    };
    return {
        read: (ref) => unlessGone<Named | undefined>(api.read(ref as never) as Promise<Named>, undefined),
        list: async (apiVersion, kind, namespace, labelSelector) => {
            const none = { items: [] as Named[] };
            const found = api.list(
                apiVersion,
                kind,
                namespace,
                undefined,
                undefined,
                undefined,
                undefined,
                labelSelector,
            );
            return (await unlessGone(found as unknown as Promise<typeof none>, none)).items;
        },
        merge: async (ref, patch) => {
            const { apiVersion, kind, metadata } = ref;
            const body = { ...patch, apiVersion, kind };
            const named = { ...(patch as Named).metadata, name: metadata.name, namespace: metadata.namespace };
            const work = api.patch(
                { ...body, metadata: named } as never,
                undefined,
                undefined,
                "openshift-mesh",
                undefined,
                PatchStrategy.MergePatch,
            );
            return (await unlessGone<object | undefined>(work, undefined)) !== undefined;
        },
        remove: async (ref) =>
            (await unlessGone<object | undefined>(api.delete(ref as never), undefined)) !== undefined,
    };
}
