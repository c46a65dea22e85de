import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { gatewayRoutesGate, stackRoutesGate } from "../cluster/gates";
import type { ServiceConfig } from "../config/schema";
import type { IngressConfig } from "../config/schema-gateway";
import type { Gateway } from "../dialects";
import type { Exposed } from "../specs/ingress";
import { marked } from "../specs/meta";
import { routeName, routeSpec } from "../specs/route";
import { type Context, everyOne, held, type Ready } from "./context";
import { custom } from "./custom";
import { httpRoutes, virtualServices } from "./host-routing";

export interface ExposedService {
    name: string;
    host: pulumi.Input<string>;
    port: number;
    tls?: ServiceConfig["tls"];
    /** The service is rolled out, and its rules are there. */
    ready: Ready;
}

export interface IngressArgs {
    namespace: pulumi.Input<string>;
    ownNamespace?: k8s.core.v1.Namespace;
    /** By which kinds the gateway is told of hosts. */
    api: IngressConfig["api"];
    /** The name of Istio's Gateway. */
    gateway: string;
    /** The services' names are plain: they decide which resources there are. */
    services: ExposedService[];
    /** Where requests come in, and that they can. */
    entry: pulumi.Input<Gateway>;
    open: Ready;
    /** No Routes but those of the gateway and of this namespace may be seen. */
    withinMesh?: boolean;
    /** Who makes the Routes. */
    routes: "mesh" | "stack" | "nobody";
}

/** The way in: what the gateway is told of a namespace's hosts, and their Routes. Ready when every host has its Route. */
export class Ingress extends pulumi.ComponentResource {
    /** Hosts by service. */
    readonly hosts: pulumi.Output<Record<string, string>>;
    readonly ready: Ready;

    constructor(name: string, args: IngressArgs, context: Context, opts?: pulumi.ComponentResourceOptions) {
        super("mesh:index:Ingress", name, {}, opts);
        const services: pulumi.Output<Exposed[]> = pulumi.all(
            args.services.map(({ name: service, host, port, tls }) =>
                pulumi.output(host).apply((h): Exposed => ({ name: service, host: h, port, ...(tls ? { tls } : {}) })),
            ),
        );
        const namespace = pulumi.output(args.namespace);
        const entry = pulumi.output(args.entry);
        const hostRouting = args.api === "gateway-api" ? httpRoutes : virtualServices;
        const way = hostRouting({ ...args, parent: this, name, namespace, exposed: services, entry }, context);
        // A Route leads to a Service of its own namespace: it is where the gateway is. When the gateway is another, the new
        // Route is made before the old one goes, and the router gives it the host in that moment.
        const routes =
            args.routes === "stack"
                ? args.services.map((service, i) =>
                      custom(
                          `${name}/${service.name}`,
                          {
                              apiVersion: "route.openshift.io/v1",
                              kind: "Route",
                              metadata: pulumi
                                  .all([namespace, entry])
                                  .apply(([ns, { namespace: at }]) =>
                                      marked(context.mark, routeName(ns, service.name), at),
                                  ),
                              spec: pulumi.all([services, entry]).apply(([all, at]) => routeSpec(all[i], at)),
                          },
                          // Nobody is let in before there is somebody to let them in.
                          { parent: this, dependsOn: everyOne(args.open, way.ready) },
                      ),
                  )
                : [];
        const hosts = services.apply((all) => Object.fromEntries(all.map((s) => [s.name, s.host])));
        const timeoutSeconds = context.timeouts.routes;
        const gate = pulumi.all([services, namespace, entry, way.ready]).apply(([all, ns, { namespace: at }]) => {
            const within = args.withinMesh ? { within: [at, ns] } : {};
            return args.routes === "stack"
                ? stackRoutesGate({
                      ...within,
                      hosts: all.map((s) => ({ host: s.host, namespace: at, name: routeName(ns, s.name) })),
                      mark: context.mark,
                      timeoutSeconds,
                  })
                : gatewayRoutesGate({
                      ...within,
                      hosts:
                          args.routes === "mesh"
                              ? all.map(({ host }) => ({ host, gateway: args.gateway, namespace: ns }))
                              : [],
                      timeoutSeconds,
                  });
        });
        const opened = held<unknown, string>(context, way.made[0], [...way.made, ...routes], gate as never, {});
        this.ready = opened.ready;
        // A host is an output only once it is really served.
        this.hosts = pulumi.all([hosts, opened.value]).apply(([wanted]) => wanted);
        this.registerOutputs({ hosts: this.hosts });
    }
}
