/** TLS from outside: what each mode needs, and what one gateway can tell apart. */
import { servicesOf } from "./hosts";
import { keyOf, type Problem } from "./problems";
import type { MeshConfig } from "./schema";

export function checkTls(config: MeshConfig): Problem[] {
    return [
        ...servicesOf(config).flatMap(({ service: { host, tls }, path }) => {
            if (tls === undefined) {
                return [];
            }
            const at = (...rest: string[]) => keyOf([...path, "tls", ...rest]);
            if (host === undefined) {
                return [
                    { key: at(), found: "given", allowed: "only with a host, under which it is reached from outside" },
                ];
            }
            return checkMode(tls, at, config.controlPlane.routes);
        }),
        ...checkReencrypted(config),
    ];
}

type Tls = NonNullable<ReturnType<typeof servicesOf>[number]["service"]["tls"]>;

function checkMode(tls: Tls, at: (...rest: string[]) => string, routes: string): Problem[] {
    const { mode, credential, destinationCA, insecure } = tls;
    const problems: Problem[] = [];
    if (mode === "edge" && routes === "none") {
        const allowed = "passthrough or reencrypt, for Routes of your own; or mesh:controlPlane.routes: stack";
        problems.push({ key: at("mode"), found: mode, allowed });
    }
    if (mode !== "edge" && credential === undefined) {
        problems.push({ key: at("credential"), allowed: `the Secret of the gateway's certificate, with mode ${mode}` });
    }
    if (mode === "edge" && credential !== undefined) {
        const allowed = "only with reencrypt or passthrough; with edge, the router's own certificate is shown";
        problems.push({ key: at("credential"), found: credential, allowed });
    }
    if (mode !== "reencrypt" && destinationCA !== undefined) {
        problems.push({ key: at("destinationCA"), found: "given", allowed: "only with reencrypt" });
    }
    if (mode === "passthrough" && insecure === "allow") {
        // openshift/api, route/v1/types.go: insecureEdgeTerminationPolicy.
        problems.push({ key: at("insecure"), found: insecure, allowed: "redirect or none, with passthrough" });
    }
    return problems;
}

/**
 * The router says no name in the handshake when it encrypts again (openshift/router, haproxy-config.template), so that one
 * certificate serves all; and of two Gateways with a server for all names, Istio takes one (istio/istio,
 * pilot/pkg/model/gateway.go).
 */
function checkReencrypted(config: MeshConfig): Problem[] {
    const all = servicesOf(config).filter(({ service }) => service.tls?.mode === "reencrypt");
    const [first] = all;
    return all.flatMap(({ namespace, service, path }) => {
        if (namespace !== first.namespace) {
            const allowed = `edge or passthrough: only one namespace can have reencrypt, and ${first.namespace} has`;
            return [{ key: keyOf([...path, "tls", "mode"]), found: "reencrypt", allowed }];
        }
        const [given, shared] = [service.tls?.credential, first.service.tls?.credential];
        return given === undefined || shared === undefined || given === shared
            ? []
            : [
                  {
                      key: keyOf([...path, "tls", "credential"]),
                      found: given,
                      allowed: `${shared}, as for ${first.name}: with reencrypt the gateway shows one certificate`,
                  },
              ];
    });
}
