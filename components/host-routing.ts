import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { pieceGate, type PieceReady } from "../cluster/gates";
import type { Gateway } from "../dialects";
import { GATEWAY_API, httpRouteSpec } from "../specs/http-route";
import { type Exposed, gatewaySpec, virtualServiceSpec } from "../specs/ingress";
import { marked } from "../specs/meta";
import { type Context, everyOne, held, present, type Ready } from "./context";
import { custom } from "./custom";

export interface HostRoutingArgs {
    /** The component that they belong to. */
    parent: pulumi.ComponentResource;
    /** What the component is called. */
    name: string;
    namespace: pulumi.Output<string>;
    ownNamespace?: k8s.core.v1.Namespace;
    /** The name of Istio's Gateway. */
    gateway: string;
    /** The services by name, each with what comes before it is reached. */
    services: { name: string; ready: Ready }[];
    /** The same services with their hosts, in the same order. */
    exposed: pulumi.Output<Exposed[]>;
    entry: pulumi.Output<Gateway>;
    /** Requests can come in. */
    open: Ready;
}

/** The objects by which a gateway knows the hosts of a namespace. */
export interface HostRouting {
    made: pulumi.CustomResource[];
    /** The gateway sends requests for each host on. */
    ready: Ready;
}

/** By Istio's own kinds: a VirtualService for each host, and one Gateway for all. */
export function virtualServices(args: HostRoutingArgs, context: Context): HostRouting {
    const { parent, name, namespace, gateway: gatewayName, exposed, entry } = args;
    const apiVersion = context.dialect.apis.networking;
    const routing = args.services.map((service, i) =>
        custom(
            `${name}/${service.name}`,
            {
                apiVersion,
                kind: "VirtualService",
                metadata: namespace.apply((ns) => marked(context.mark, service.name, ns)),
                spec: pulumi
                    .all([exposed, namespace])
                    .apply(([all, ns]) => virtualServiceSpec(all[i], ns, gatewayName)),
            },
            // Its kind comes with the control plane, which the service behind it stands on; that comes first with its
            // rules, so that nothing answers before it may.
            { parent, dependsOn: service.ready, deletedWith: args.ownNamespace },
        ),
    );
    const gateway = custom(
        name,
        {
            apiVersion,
            kind: "Gateway",
            metadata: namespace.apply((ns) => marked(context.mark, gatewayName, ns)),
            spec: pulumi.all([exposed, entry]).apply(([all, { selector }]) => gatewaySpec(all, selector)),
        },
        {
            parent,
            // Opens last and closes first. It does not go with its namespace: the mesh must see it go, to take the Routes
            // away that it made elsewhere.
            dependsOn: routing,
        },
    );
    return { made: [gateway, ...routing], ready: present(gateway) };
}

/** By the Gateway API: an HTTPRoute for each host, which the mesh's one Gateway says that it has taken in. */
export function httpRoutes(args: HostRoutingArgs, context: Context): HostRouting {
    const { parent, name, namespace, exposed, entry, open } = args;
    const routes = args.services.map((service, i) => {
        const metadata = namespace.apply((ns) => marked(context.mark, service.name, ns));
        const ref = { apiVersion: GATEWAY_API, kind: "HTTPRoute" };
        const made = custom(
            `${name}/${service.name}`,
            {
                ...ref,
                metadata,
                spec: pulumi
                    .all([exposed, namespace, entry])
                    .apply(([all, ns, gateway]) => httpRouteSpec(all[i], ns, gateway)),
            },
            // The Gateway is there to take it in; and nothing answers before it may.
            { parent, dependsOn: everyOne(service.ready, open), deletedWith: args.ownNamespace },
        );
        const timeoutSeconds = context.timeouts.routes;
        const gate = metadata.apply((m) => pieceGate({ ...ref, metadata: m }, { timeoutSeconds }));
        return { made, ...held<PieceReady, string>(context, made, [made], gate as never, {}) };
    });
    return { made: routes.map(({ made }) => made), ready: everyOne(...routes.map(({ ready }) => ready)) };
}
