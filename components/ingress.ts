import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { gatewayRoutesGate } from "../cluster/gates";
import { type Exposed, gatewaySpec, virtualServiceSpec } from "../specs/ingress";
import { marked } from "../specs/meta";
import { type Context, held, type Ready } from "./context";
import { custom } from "./custom";

export interface ExposedService {
    name: string;
    host: pulumi.Input<string>;
    port: number;
    /** The service is rolled out, and its rules are there. */
    ready: Ready;
}

export interface IngressArgs {
    namespace: pulumi.Input<string>;
    ownNamespace?: k8s.core.v1.Namespace;
    /** The name of the Gateway. */
    gateway: string;
    /** The services' names are plain: they decide which resources there are. */
    services: ExposedService[];
    /** True when the mesh makes the Routes. */
    routesFromGateways: boolean;
}

/** The way in: one Gateway for a namespace, a VirtualService for each host. Ready when every host has its Route. */
export class Ingress extends pulumi.ComponentResource {
    /** Hosts by service. */
    readonly hosts: pulumi.Output<Record<string, string>>;
    readonly ready: Ready;

    constructor(name: string, args: IngressArgs, context: Context, opts?: pulumi.ComponentResourceOptions) {
        super("mesh:index:Ingress", name, {}, opts);
        const apiVersion = context.dialect.apis.networking;
        const services: pulumi.Output<Exposed[]> = pulumi.all(
            args.services.map(({ name: service, host, port }) => pulumi.output({ name: service, host, port })),
        );
        const namespace = pulumi.output(args.namespace);
        const meta = (objectName: string) => namespace.apply((ns) => marked(context.mark, objectName, ns));

        const routing = args.services.map((service, i) =>
            custom(
                `${name}/${service.name}`,
                {
                    apiVersion,
                    kind: "VirtualService",
                    metadata: meta(service.name),
                    spec: pulumi
                        .all([services, namespace])
                        .apply(([all, ns]) => virtualServiceSpec(all[i], ns, args.gateway)),
                },
                // Its kind comes with the control plane, which the service behind it stands on; that comes first with its
                // rules, so that nothing answers before it may.
                { parent: this, dependsOn: service.ready, deletedWith: args.ownNamespace },
            ),
        );
        const gateway = custom(
            name,
            { apiVersion, kind: "Gateway", metadata: meta(args.gateway), spec: services.apply(gatewaySpec) },
            {
                parent: this,
                // Opens last and closes first. It does not go with its namespace: the mesh must see it go, to take the
                // Routes away that it made elsewhere.
                dependsOn: routing,
            },
        );
        const hosts = services.apply((all) => Object.fromEntries(all.map((s) => [s.name, s.host])));
        const gate = pulumi.all([hosts, namespace]).apply(([wanted, ns]) =>
            gatewayRoutesGate({
                hosts: args.routesFromGateways
                    ? Object.values(wanted).map((host) => ({ host, gateway: args.gateway, namespace: ns }))
                    : [],
                timeoutSeconds: context.timeouts.routes,
            }),
        );
        const opened = held(context, gateway, [gateway, ...routing], gate, {});
        this.ready = opened.ready;
        // A host is an output only once it is really served.
        this.hosts = pulumi.all([hosts, opened.value]).apply(([wanted]) => wanted);
        this.registerOutputs({ hosts: this.hosts });
    }
}
