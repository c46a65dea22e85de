import { createHash } from "node:crypto";
import type { Gateway } from "../dialects/piece";
import { endsAtGateway, type Exposed } from "./ingress";

const NAME_LENGTH = 63;

/**
 * The name of the Route of a service's host, in the gateway's namespace, where the Routes of all members are. One that is
 * too long for a label is cut, and told apart by a digest.
 */
export function routeName(namespace: string, service: string): string {
    const name = `${namespace}-${service}`;
    if (name.length <= NAME_LENGTH) {
        return name;
    }
    const digest = createHash("sha256").update(`${namespace}/${service}`).digest("hex").slice(0, 8);
    return `${name.slice(0, NAME_LENGTH - digest.length - 1)}-${digest}`;
}

const INSECURE = { allow: "Allow", redirect: "Redirect", none: "None" } as const;

/**
 * The Route of a service's host, which leads to the gateway: in plain HTTP or with TLS that ends at the router (plain port),
 * or with TLS that the gateway takes (TLS port). Source: openshift/api, route/v1/types.go.
 */
export function routeSpec({ host, tls }: Exposed, gateway: Gateway): object {
    const port = endsAtGateway({ tls }) ? gateway.ports.tls : gateway.ports.plain;
    return {
        host,
        to: { kind: "Service", name: gateway.service, weight: 100 },
        port: { targetPort: port },
        wildcardPolicy: "None",
        ...(tls === undefined
            ? {}
            : {
                  tls: {
                      termination: tls.mode,
                      insecureEdgeTerminationPolicy: INSECURE[tls.insecure],
                      ...(tls.destinationCA === undefined ? {} : { destinationCACertificate: tls.destinationCA }),
                  },
              }),
    };
}
