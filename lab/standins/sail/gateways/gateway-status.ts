import type { KubeObject } from "../../../../kube";
import { type Listener, listenersOf } from "../../../gateway-api/listeners";
import { deploymentName } from "../../../gateway-api/names";
import type { Attachment } from "../../../gateway-api/parents";
import { all } from "../host";
import { certificateProblem } from "./certificates";
import type { Cluster } from "./cluster";
import { type Verdict, withVerdicts } from "./conditions";
import type { Istiod } from "./istiods";

/** Protocols for which istiod's answer depends on a flag that is off. */
const ALPHA = ["TLS", "TCP"];

/** A Gateway's status (reportGatewayStatus in conversion.go). `attached` are its listeners' routes. */
export function gatewayStatus(
    cluster: Cluster,
    { namespaces }: Istiod,
    gateway: KubeObject,
    attached: Attachment[],
): object {
    const { metadata, status: before = {} } = gateway;
    const listeners = listenersOf(gateway, namespaces);
    const at = assignment(cluster, gateway, listeners);
    const programmed: Verdict =
        at.warnings.length === 0
            ? { reason: "Programmed", message: assigned("Resource programmed, assigned", at.internal) }
            : {
                  status: "False",
                  reason: at.usable ? "AddressNotAssigned" : "AddressNotUsable",
                  message:
                      at.internal.length === 0
                          ? `Failed to assign to any requested addresses: ${at.warnings.join("; ")}`
                          : `${assigned("Assigned", at.internal)}, but failed to assign to all requested addresses: ` +
                            at.warnings.join("; "),
              };
    return {
        ...before,
        ...(at.addresses.length > 0 ? { addresses: at.addresses } : {}),
        conditions: withVerdicts(before.conditions, metadata.generation, {
            Accepted: { reason: "Accepted", message: "Resource accepted" },
            Programmed: programmed,
        }),
        listeners: listeners.map((listener) => ({
            name: listener.name,
            attachedRoutes: attached.filter((each) => each.listener.name === listener.name).length,
            supportedKinds: listener.kinds,
            conditions: withVerdicts(
                before.listeners?.find(({ name }: { name: string }) => name === listener.name)?.conditions,
                metadata.generation,
                listenerVerdicts(cluster, gateway, listener),
            ),
        })),
    };
}

function listenerVerdicts(cluster: Cluster, gateway: KubeObject, listener: Listener): Record<string, Verdict> {
    const fine = (reason: string): Verdict => ({ reason, message: "No errors found" });
    const { tls } = gateway.spec.listeners[listener.index];
    const problem = certificateProblem(gateway, tls, all(cluster.secrets));
    const unknownKinds: Verdict = { status: "False", reason: "InvalidRouteKinds", message: "Invalid route kinds" };
    return {
        Accepted: protocolProblem(listener.protocol) ?? fine("Accepted"),
        Conflicted: { ...fine("NoConflicts"), status: "False" },
        Programmed: problem
            ? { status: "False", reason: "Invalid", message: "Bad TLS configuration" }
            : fine("Programmed"),
        ResolvedRefs: listener.kindsKnown ? (problem ?? fine("ResolvedRefs")) : unknownKinds,
    };
}

function protocolProblem(protocol: string): Verdict | undefined {
    if (protocol === "HTTP" || protocol === "HTTPS") {
        return undefined;
    }
    const why = ALPHA.includes(protocol)
        ? "supported, but only when PILOT_ENABLE_ALPHA_GATEWAY_API=true is configured"
        : "unsupported";
    return { status: "False", reason: "UnsupportedProtocol", message: `protocol "${protocol}" is ${why}` };
}

interface Assignment {
    /** Host and port of the Service where pods have addresses, ready or not. */
    internal: string[];
    warnings: string[];
    usable: boolean;
    addresses: { type: string; value: string }[];
}

/** Which addresses the Gateway has (ResolveGatewayInstances in context.go). It does not wait for pods to be ready. */
function assignment({ services, slices }: Cluster, gateway: KubeObject, listeners: Listener[]): Assignment {
    const { namespace } = gateway.metadata;
    const name = deploymentName(gateway);
    const host = `${name}.${namespace}.svc.cluster.local`;
    const service = services.objects.get(`${namespace}/${name}`);
    if (service === undefined) {
        return { internal: [], warnings: [`hostname "${host}" not found`], usable: false, addresses: [] };
    }
    const own = all(slices).filter(
        ({ metadata }) => metadata.namespace === namespace && metadata.labels?.["kubernetes.io/service-name"] === name,
    );
    const hasPods = (portName?: string): boolean =>
        own.some(
            ({ endpoints, ports }) =>
                (endpoints ?? []).length > 0 &&
                (portName === undefined || (ports ?? []).some((port: { name?: string }) => port.name === portName)),
        );
    const internal: string[] = [];
    const warnings: string[] = [];
    let usable = true;
    for (const number of new Set(listeners.map(({ port }) => port))) {
        const port = service.spec.ports.find((each: { port: number }) => each.port === number);
        if (port !== undefined && hasPods(port.name)) {
            internal.push(`${host}:${number}`);
        } else if (!hasPods()) {
            warnings.push(`no instances found for hostname "${host}"`);
        } else if (port === undefined) {
            warnings.push(`port ${number} not found for hostname "${host}"`);
            usable = false;
        }
    }
    const external: { ip?: string; hostname?: string }[] = service.status?.loadBalancer?.ingress ?? [];
    const pending = service.spec.type === "LoadBalancer" && external.length === 0;
    if (pending && internal.length > 0) {
        warnings.push(`address pending for hostname "${host}"`);
    }
    const outside = external.map(({ ip, hostname = "" }) =>
        ip ? { type: "IPAddress", value: ip } : { type: "Hostname", value: hostname },
    );
    const inside = internal.length > 0 && !pending ? [{ type: "Hostname", value: host }] : [];
    return {
        internal: internal.sort(),
        warnings: warnings.sort(),
        usable,
        addresses: outside.length > 0 ? outside : inside,
    };
}

function assigned(what: string, internal: string[]): string {
    return internal.length === 0 ? "Resource programmed" : `${what} to service(s) ${readable(internal)}`;
}

/** "a", "a and b", "a, b, and c". */
function readable(items: string[]): string {
    if (items.length < 3) {
        return items.join(" and ");
    }
    return `${items.slice(0, -1).join(", ")}, and ${items[items.length - 1]}`;
}
