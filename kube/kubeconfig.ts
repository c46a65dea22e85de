import { existsSync } from "node:fs";
import type * as https from "node:https";
import { plainCredentials } from "./plain-credentials";

export interface LoadOptions {
    /** A path, or the YAML itself. Default: $KUBECONFIG, ~/.kube/config, the Pod's own service account. */
    kubeconfig?: string;
    context?: string;
}

/** Where an API server is, and how to show it who asks. */
export interface Access {
    server: string;
    /** Options for requests: an agent with its certificates, and headers. Asked again now and then: tokens rotate. */
    options(): Promise<https.RequestOptions>;
}

/**
 * Reads a kubeconfig. Tokens and client certificates are read here; everything else (exec plugins, OIDC, proxies, several
 * files, a Pod's own account) by @kubernetes/client-node, which takes as long to load as the rest of a program. Errors:
 * an Error in words when there is no usable cluster in the kubeconfig.
 */
export function access(options: LoadOptions): Access {
    return plainCredentials(options) ?? byLibrary(options);
}

function byLibrary({ kubeconfig, context }: LoadOptions): Access {
    // Only here, for what it costs.
    const { KubeConfig } = require("@kubernetes/client-node") as typeof import("@kubernetes/client-node");
    const config = new KubeConfig();
    if (kubeconfig === undefined) {
        config.loadFromDefault();
    } else if (existsSync(kubeconfig)) {
        config.loadFromFile(kubeconfig);
    } else {
        config.loadFromString(kubeconfig);
    }
    if (context !== undefined) {
        if (!config.getContextObject(context)) {
            throw new Error(`the kubeconfig has no context "${context}"`);
        }
        config.setCurrentContext(context);
    }
    const cluster = config.getCurrentCluster();
    if (!cluster) {
        throw new Error("the kubeconfig names no current cluster");
    }
    return {
        server: cluster.server,
        options: async () => {
            const options: https.RequestOptions = {};
            await config.applyToHTTPSOptions(options);
            const { agent, headers, auth } = options;
            return { agent, headers, auth: auth ?? undefined };
        },
    };
}
