import { createPrivateKey, X509Certificate } from "node:crypto";
import type { KubeObject } from "../../../kube";
import { means } from "./kinds/gateway";
import type { Mesh } from "./mesh";

/** A certificate chain and its key, both PEM. */
export interface Credential {
    cert: string;
    key: string;
}

/**
 * The certificate that a Gateway's server names: a Secret with tls.crt and tls.key in the namespace of the gateway's
 * pod (istio.io, Gateway, ServerTLSSettings.credentialName). What Envoy would not take is refused here.
 */
export function credentialOf(secrets: KubeObject[], namespace: string, name: string): Credential | { why: string } {
    const secret = secrets.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
    if (secret === undefined) {
        return { why: `there is no Secret ${namespace}/${name}` };
    }
    const text = (key: string): string => Buffer.from(secret.data?.[key] ?? "", "base64").toString("utf8");
    const [cert, key] = [text("tls.crt"), text("tls.key")];
    try {
        return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
            ? { cert, key }
            : { why: `the key in Secret ${namespace}/${name} is not that of its certificate` };
    } catch {
        return { why: `Secret ${namespace}/${name} holds no certificate and key (tls.crt, tls.key)` };
    }
}

/** Says which servers stay closed at some gateway, because it has not got their certificate. */
export function refuseMissingCredentials({ workloads, gateways, secrets, refusals }: Mesh): void {
    for (const gateway of gateways) {
        const { object, servers } = gateway;
        const pods = workloads.filter((each) => each.gateway && means(gateway, each));
        const namespaces = new Set(pods.map(({ namespace }) => namespace));
        for (const { credential, credentialAt } of servers) {
            for (const namespace of credential === undefined ? [] : namespaces) {
                const found = credentialOf(secrets, namespace, credential!);
                if ("why" in found) {
                    refusals.add(object, credentialAt, found.why);
                }
            }
        }
    }
}
