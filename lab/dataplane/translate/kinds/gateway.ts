import { z } from "zod";
import type { KubeObject } from "../../../../kube";
import type { Refusals } from "../refuse";
import { hasLabels } from "../scope";
import type { Workload } from "../view";
import { host, labels, port, text } from "./common";

/** A Gateway: hosts that gateways with these labels take in. */
export interface Gateway {
    object: KubeObject;
    namespace: string;
    name: string;
    selector: Record<string, string>;
    /** Only pods of its own namespace. */
    onlyAtHome?: boolean;
    servers: Server[];
}

export interface Server {
    /** Its place in the Gateway. */
    index: number;
    port: number;
    /** The Secret with its certificate, and where that is said; absent for plain text. */
    credential?: string;
    credentialAt: string;
    /** Plain text is only told to come back with TLS. */
    httpsRedirect: boolean;
    /** Hosts, each with the namespace whose VirtualServices may claim it: "*" for all. */
    hosts: { namespace: string; host: string }[];
}

const gatewaySpec = z.strictObject({
    selector: labels.refine((value) => Object.keys(value).length > 0, "must name the gateway's pods"),
    servers: z.array(z.unknown()).min(1),
});

const protocol = z
    .string()
    .transform((value) => value.toUpperCase())
    .refine((value) => value === "HTTP" || value === "HTTPS", "only HTTP and HTTPS are modelled here");

const tls = z.strictObject({
    mode: z
        .string()
        .refine((mode) => mode === "SIMPLE", "only SIMPLE is modelled here")
        .optional(),
    credentialName: text.optional(),
    httpsRedirect: z.boolean().default(false),
});

const serverSpec = z
    .strictObject({
        name: z.string().optional(),
        port: z.strictObject({ number: port, name: z.string().optional(), protocol }),
        hosts: z.array(text).min(1),
        tls: tls.optional(),
    })
    .refine((server) => server.port.protocol === "HTTP" || server.tls?.mode !== undefined, {
        path: ["tls", "mode"],
        message: "must be said for HTTPS",
    })
    .refine((server) => server.port.protocol === "HTTP" || server.tls?.credentialName !== undefined, {
        path: ["tls", "credentialName"],
        message: "must be said for HTTPS",
    })
    .refine((server) => server.port.protocol === "HTTPS" || server.tls?.mode === undefined, {
        path: ["tls", "mode"],
        message: "can only be said of HTTPS",
    });

/** Whether a gateway's pod is one that the Gateway means. */
export function means({ namespace, selector, onlyAtHome }: Gateway, workload: Workload): boolean {
    return (!onlyAtHome || workload.namespace === namespace) && hasLabels(workload, selector);
}

/** Servers that cannot be read are left out by themselves. */
export function readGateway(object: KubeObject, refusals: Refusals): Gateway | undefined {
    const { name, namespace = "" } = object.metadata;
    const spec = refusals.read(gatewaySpec, object, object.spec, "spec");
    if (spec === undefined) {
        return undefined;
    }
    const servers = spec.servers.flatMap((server, index) => {
        const at = `spec.servers[${index}]`;
        const read = refusals.read(serverSpec, object, server, at);
        if (read === undefined) {
            return [];
        }
        const hosts = read.hosts.map((written, i) => readHost(written, object, `${at}.hosts[${i}]`, refusals));
        return [
            {
                index,
                port: read.port.number,
                ...(read.port.protocol === "HTTPS" ? { credential: read.tls?.credentialName } : {}),
                credentialAt: `${at}.tls.credentialName`,
                httpsRedirect: read.tls?.httpsRedirect === true,
                hosts: hosts.flatMap((found) => found ?? []),
            },
        ];
    });
    return { object, namespace, name, selector: spec.selector, servers };
}

/** "host", or "namespace/host" with "." for the Gateway's own namespace. */
function readHost(
    written: string,
    object: KubeObject,
    at: string,
    refusals: Refusals,
): Server["hosts"][number] | undefined {
    const slash = written.indexOf("/");
    const scope = slash < 0 ? "*" : written.slice(0, slash);
    const read = refusals.read(host, object, written.slice(slash + 1), at);
    if (read === undefined) {
        return undefined;
    }
    return { namespace: scope === "." ? (object.metadata.namespace ?? "") : scope, host: read };
}
