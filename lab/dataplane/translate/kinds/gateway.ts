import { z } from "zod";
import type { KubeObject } from "../../../../kube";
import type { Refusals } from "../refuse";
import { host, labels, port, text } from "./common";

/** A Gateway: hosts that gateways with these labels take in. */
export interface Gateway {
    object: KubeObject;
    namespace: string;
    name: string;
    selector: Record<string, string>;
    servers: Server[];
}

export interface Server {
    port: number;
    /** Hosts, each with the namespace whose VirtualServices may claim it: "*" for all. */
    hosts: { namespace: string; host: string }[];
}

const gatewaySpec = z.strictObject({
    selector: labels.refine((value) => Object.keys(value).length > 0, "must name the gateway's pods"),
    servers: z.array(z.unknown()).min(1),
});

const serverSpec = z.strictObject({
    name: z.string().optional(),
    port: z.strictObject({
        number: port,
        name: z.string().optional(),
        protocol: z.string().refine((value) => value.toUpperCase() === "HTTP", "only HTTP is modelled here"),
    }),
    hosts: z.array(text).min(1),
});

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
        return [{ port: read.port.number, hosts: hosts.flatMap((found) => found ?? []) }];
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
