import { readFileSync } from "node:fs";
import net, { isIP } from "node:net";

/**
 * Loaded before a pod's program, in the place of cluster DNS, kube-proxy and the sidecar's iptables: a connection to a
 * Service goes to the pod's own sidecar, or without one to where the lab reaches the Service. Nothing else is changed.
 */

/** As lab/dataplane/addresses.ts writes it. */
type Table = Record<string, { address: string; clusterIP?: string }>;

interface Target {
    host?: string;
    port?: number | string;
    path?: string | null;
    localAddress?: string;
}

const FILE = process.env.LAB_SERVICES ?? "";
const NAMESPACE = process.env.LAB_NAMESPACE ?? "";
/** address:port of the sidecar; empty for a pod that has none. */
const SIDECAR = process.env.LAB_SIDECAR ?? "";
const ADDRESS = process.env.LAB_ADDRESS ?? "";
const PARENT_CHECK_MS = 2_000;

type Connect = (this: net.Socket, ...args: any[]) => net.Socket;
const prototype = net.Socket.prototype as unknown as { connect: Connect };
const connect = prototype.connect;

prototype.connect = function (...args) {
    // net.connect() hands over one list that it has normalised: [options, callback].
    const [first] = args;
    if (Array.isArray(first)) {
        first[0] = redirected(first[0]);
    } else if (typeof first === "object" && first !== null) {
        args[0] = redirected(first);
    }
    return connect.apply(this, args);
};

function redirected(target: Target): Target {
    const address = !target.path && target.host ? addressOf(target.host) : undefined;
    if (address === undefined) {
        return target;
    }
    if (SIDECAR !== "") {
        const [host, port] = SIDECAR.split(":");
        return { ...target, host, port: Number(port) };
    }
    // From the pod's own address, as others know it by that.
    return { ...target, host: address, port: Number(target.port), localAddress: ADDRESS || undefined };
}

function addressOf(host: string): string | undefined {
    const table = JSON.parse(readFileSync(FILE, "utf8")) as Table;
    if (isIP(host)) {
        return Object.values(table).find(({ clusterIP }) => clusterIP === host)?.address;
    }
    const [name, namespace = NAMESPACE, ...rest] = host.toLowerCase().replace(/\.$/, "").split(".");
    const isInside = ["", "svc", "svc.cluster.local"].includes(rest.join("."));
    return isInside ? table[`${namespace}/${name}`]?.address : undefined;
}

// A lab that was killed takes its programs with it.
const parent = process.ppid;
setInterval(() => process.ppid === parent || process.exit(0), PARENT_CHECK_MS).unref();
