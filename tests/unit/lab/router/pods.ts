import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import type { KubeObject } from "../../../../kube";
import { Authority, type KeyPair } from "../../../../lab/control-plane/certificates";
import type { ClusterView } from "../../../../lab/dataplane/cluster-view";
import { type Octet, takeOctet } from "../../../../lab/dataplane/octet";
import { HostRouter, type RouterPorts } from "../../../../lab/dataplane/router";

/** A router with pods behind it, and nothing else of a lab: what the API server would hold is said here. */
export class RouterWithPods {
    readonly routes: KubeObject[] = [];
    readonly policies: KubeObject[] = [];
    private readonly pods: KubeObject[] = [];
    private readonly services: KubeObject[] = [];
    private readonly servers: Server[] = [];

    private constructor(
        private readonly octet: Octet,
        readonly authority: Authority,
        private readonly router: HostRouter,
        readonly ports: RouterPorts,
    ) {}

    static async open(): Promise<RouterWithPods> {
        const octet = await takeOctet();
        const authority = await Authority.create("authority of the router");
        const certificate = await authority.issue("router", ["*.apps.example.com"]);
        const view = {
            all: (kind: string) => {
                const { routes, services, policies } = made;
                return ({ routes, services, networkPolicies: policies } as Record<string, KubeObject[]>)[kind] ?? [];
            },
            readyPods: (namespace: string, selector: Record<string, string>) =>
                made.pods.filter(
                    ({ metadata }) => metadata.namespace === namespace && metadata.labels?.app === selector.app,
                ),
            namespaceLabels: () => ({ "network.openshift.io/policy-group": "ingress" }),
        };
        const router = new HostRouter(view as unknown as ClusterView, octet.number, certificate, async () => undefined);
        const made: RouterWithPods = new RouterWithPods(octet, authority, router, await router.listen());
        return made;
    }

    /** A pod with a Service of its name; with a certificate it speaks TLS, and tells which name it was asked for. */
    async pod(name: string, certificate?: KeyPair): Promise<void> {
        const address = `127.${this.octet.number}.0.${this.pods.length + 2}`;
        const answer: RequestListener = ({ socket, headers }, response) => {
            const asked = (socket as TLSSocket).servername;
            response.end(JSON.stringify({ name, asked, proto: headers["x-forwarded-proto"] }));
        };
        const server = certificate === undefined ? createServer(answer) : createHttpsServer(certificate, answer);
        this.servers.push(server);
        await new Promise<void>((resolve) => server.listen(0, address, resolve));
        const metadata = { name, namespace: "shop", labels: { app: name } };
        const status = { podIP: address.replace("127.", "10.") };
        this.pods.push({ apiVersion: "v1", kind: "Pod", metadata, spec: { containers: [] }, status });
        const { port } = server.address() as AddressInfo;
        const spec = { selector: { app: name }, ports: [{ port, targetPort: port }] };
        this.services.push({ apiVersion: "v1", kind: "Service", metadata: { name, namespace: "shop" }, spec });
    }

    /** An admitted Route to a pod. */
    route(host: string, to: string, tls?: object): KubeObject {
        const made: KubeObject = {
            apiVersion: "route.openshift.io/v1",
            kind: "Route",
            metadata: { namespace: "shop", name: host, uid: `${host}-${this.routes.length}`, resourceVersion: "1" },
            spec: { host, to: { kind: "Service", name: to }, tls },
            status: { ingress: [{ host, conditions: [{ type: "Admitted", status: "True" }] }] },
        };
        this.routes.push(made);
        return made;
    }

    close(): void {
        this.router.close();
        this.servers.forEach((server) => server.close().closeAllConnections());
        this.octet.release();
    }
}
