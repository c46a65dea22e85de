import { existsSync, readFileSync, statSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import type { Access, LoadOptions } from "./kubeconfig";

/** What is understood here; anything else in a kubeconfig is the library's. */
const CLUSTER = ["server", "certificate-authority", "certificate-authority-data", "insecure-skip-tls-verify"];
const USER = ["token", "tokenFile", "client-certificate", "client-certificate-data", "client-key", "client-key-data"];

/**
 * Access by a kubeconfig of one file whose user has a token or a client certificate, as `oc login` writes it; undefined
 * for every other. Errors: a context that is not there.
 */
export function plainCredentials({ kubeconfig, context }: LoadOptions): Access | undefined {
    const source = textOf(kubeconfig);
    const config = source && read(source.text);
    const name = context ?? config?.["current-context"];
    const chosen = named(config?.contexts, name)?.context;
    const cluster = named(config?.clusters, chosen?.cluster)?.cluster;
    const user = named(config?.users, chosen?.user)?.user ?? {};
    if (!source || !onlyKnown(cluster, CLUSTER) || !onlyKnown(user, USER) || typeof cluster.server !== "string") {
        return undefined;
    }
    const file = (path: string): Buffer => readFileSync(resolve(source.dir, path));
    const bytes = (from: Record<string, any>, key: string): Buffer | undefined =>
        from[`${key}-data`] !== undefined
            ? Buffer.from(from[`${key}-data`], "base64")
            : from[key] !== undefined
              ? file(from[key])
              : undefined;
    const tls = {
        ca: bytes(cluster, "certificate-authority"),
        cert: bytes(user, "client-certificate"),
        key: bytes(user, "client-key"),
        ...(cluster["insecure-skip-tls-verify"] === true ? { rejectUnauthorized: false } : {}),
    };
    const agent = cluster.server.startsWith("http:") ? new http.Agent() : new https.Agent(tls);
    return {
        server: cluster.server,
        options: async () => {
            const token = user.tokenFile === undefined ? user.token : file(user.tokenFile).toString().trim();
            return { agent, ...(token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } }) };
        },
    };
}

/** The text of the kubeconfig and the folder that its paths are relative to. */
function textOf(given: string | undefined): { text: string; dir: string } | undefined {
    const path = given ?? process.env.KUBECONFIG ?? join(homedir(), ".kube", "config");
    if (given !== undefined && !existsSync(given)) {
        return { text: given, dir: process.cwd() };
    }
    if (path === "" || path.includes(delimiter) || !existsSync(path) || !statSync(path).isFile()) {
        return undefined;
    }
    return { text: readFileSync(path, "utf8"), dir: dirname(path) };
}

function read(text: string): Record<string, any> | undefined {
    try {
        return parse(text);
    } catch {
        // The library says what is wrong with it.
        return undefined;
    }
}

function named(list: unknown, name: unknown): Record<string, any> | undefined {
    return Array.isArray(list) ? list.find((entry) => entry?.name === name) : undefined;
}

function onlyKnown(section: unknown, keys: string[]): section is Record<string, any> {
    return (
        typeof section === "object" &&
        section !== null &&
        Object.entries(section).every(([key, value]) => keys.includes(key) && value !== null)
    );
}
