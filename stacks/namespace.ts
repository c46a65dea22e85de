import * as pulumi from "@pulumi/pulumi";
import type * as k8s from "@pulumi/kubernetes";
import { AccessPolicies, everyOne, Ingress, MeshedService, type Ready } from "../components";
import type { MeshConfig } from "../config/schema";
import { identities } from "../specs/access";
import type { MadeSide } from "./sides";

export interface NamespaceInputs {
    /** The mesh that its pods belong to. */
    made: MadeSide;
    /** Every mesh of the stack: requests may still come from the one that is being left. */
    all: MadeSide[];
    namespace: pulumi.Output<string>;
    ownNamespace?: k8s.core.v1.Namespace;
    secrets: Record<string, pulumi.Output<string>>;
    /** It is a member. */
    joined: Ready;
}

type ServiceConfig = MeshConfig["namespaces"][string]["services"][string];

/** The services of one namespace: rules first, then the services, and the way in when both are there. */
export function meshedNamespace(key: string, inputs: NamespaceInputs): Ingress | undefined {
    const { made, all, namespace, ownNamespace, secrets, joined } = inputs;
    const { context, inCluster, side } = made;
    const { gateway, services } = side.config.namespaces[key];
    const resolved = (service: string): pulumi.Output<ServiceConfig> =>
        inCluster.apply((c) => c.namespaces[key].services[service]) as pulumi.Output<ServiceConfig>;
    const gateways = pulumi.all(all.map((m) => m.inCluster.apply((c) => m.side.dialect.gateway(c)))).apply(identities);

    const guarded = Object.keys(services).filter(
        (name) => services[name].allow !== "anyone" || services[name].deny.length > 0,
    );
    const policies =
        guarded.length === 0
            ? undefined
            : new AccessPolicies(
                  key,
                  {
                      namespace,
                      ownNamespace,
                      gateways,
                      services: Object.fromEntries(
                          guarded.map((name) => [name, { config: services[name], inCluster: resolved(name) }]),
                      ),
                  },
                  context,
                  { dependsOn: joined },
              );
    const sidecar = side.dialect.sidecar(side.config);
    const running = mapValues(
        services,
        (config, service) =>
            new MeshedService(
                `${key}/${service}`,
                { service, namespace, ownNamespace, config, sidecar, secrets },
                context,
                // A service that not everyone may call is never up without its rule.
                { dependsOn: everyOne(joined, policies?.ready[service]) },
            ),
    );
    const exposed = Object.entries(services).filter(([, service]) => service.host !== undefined);
    return exposed.length === 0
        ? undefined
        : new Ingress(
              key,
              {
                  namespace,
                  ownNamespace,
                  api: side.config.controlPlane.gateways.ingress.api,
                  gateway,
                  services: exposed.map(([name, service]) => ({
                      name,
                      host: resolved(name).apply((s) => s.host as string),
                      port: service.port,
                      tls: service.tls,
                      ready: running[name].ready,
                  })),
                  entry: inCluster.apply((c) => side.dialect.gateway(c)),
                  open: made.open,
                  routes: side.dialect.routes(side.config),
                  withinMesh: side.config.platform !== undefined,
              },
              context,
          );
}

function mapValues<A, B>(record: Record<string, A>, change: (value: A, key: string) => B): Record<string, B> {
    return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
