import { connect, createServer, type Server, type Socket } from "node:net";
import type { KubeObject } from "../../kube";
import type { ServiceAddresses } from "./addresses";
import type { ClusterView } from "./cluster-view";
import { type Endpoint, endpointsOf, portsOf, type ServicePort } from "./endpoints";
import { mayConnect } from "./network-policy";

/**
 * In kube-proxy's place: each Service has an address of its own, at whose ports its ready pods are reached in turn.
 * Where there is none, connections are refused.
 */
export class ServiceProxy {
    private readonly ports = new Map<string, { server: Server; endpoints: Endpoint[]; turn: number }>();
    private readonly known = new Map<string, { namespace: string; name: string }>();
    private readonly sockets = new Set<Socket>();
    private readonly unopened = new Set<string>();

    constructor(
        private readonly view: ClusterView,
        private readonly addresses: ServiceAddresses,
        private readonly octet: number,
        private readonly log: (line: string) => void,
        /** Waits as long as somebody does whom NetworkPolicies keep out. */
        private readonly patience: () => Promise<void>,
    ) {}

    /** Takes what has changed. */
    update(): void {
        const wanted = new Set<string>();
        const present = new Set<string>();
        for (const service of this.view.all("services")) {
            const { namespace = "", name } = service.metadata;
            present.add(`${namespace}/${name}`);
            this.known.set(`${namespace}/${name}`, { namespace, name });
            const host = this.addresses.of(namespace, name, clusterIP(service));
            for (const port of portsOf(service)) {
                const endpoints = endpointsOf(this.view, service, port, this.octet);
                if (endpoints.length > 0) {
                    wanted.add(`${host}:${port.port}`);
                    this.open(host, port, endpoints);
                }
            }
        }
        for (const [key, { server }] of this.ports) {
            if (!wanted.has(key)) {
                this.ports.delete(key);
                server.close();
            }
        }
        for (const [key, { namespace, name }] of this.known) {
            if (!present.has(key)) {
                this.known.delete(key);
                this.addresses.forget(namespace, name);
            }
        }
    }

    close(): void {
        this.ports.forEach(({ server }) => server.close());
        this.sockets.forEach((socket) => socket.destroy());
    }

    private open(host: string, { port }: ServicePort, endpoints: Endpoint[]): void {
        const key = `${host}:${port}`;
        const known = this.ports.get(key);
        if (known !== undefined) {
            known.endpoints = endpoints;
            return;
        }
        const server = createServer(
            { allowHalfOpen: true, pauseOnConnect: true },
            (socket) => void this.pass(key, socket),
        );
        this.ports.set(key, { server, endpoints, turn: 0 });
        server.on("error", (error: NodeJS.ErrnoException) => {
            this.ports.delete(key);
            if (!this.unopened.has(key)) {
                this.unopened.add(key);
                // Ports below 1024 are for root on many systems; inside the mesh they need not be open.
                this.log(`port ${key} of a Service cannot be opened: ${error.message}`);
            }
        });
        if (!this.unopened.has(key)) {
            server.listen(port, host);
        } else {
            this.ports.delete(key);
        }
    }

    /**
     * Those that NetworkPolicies do not close to a client. Pods are known by the address that they come from; any other
     * client is somebody at this machine, whom nothing keeps out.
     */
    private openTo(client: Socket, endpoints: Endpoint[]): Endpoint[] {
        const pod = this.view.podAt(client.remoteAddress);
        if (pod === undefined) {
            return endpoints;
        }
        const { namespace, labels: podLabels } = pod;
        const from = { namespace, podLabels, namespaceLabels: this.view.namespaceLabels(namespace) };
        const policies = this.view.all("networkPolicies");
        return endpoints.filter(({ workload, port }) => mayConnect(from, workload, port, policies));
    }

    private async pass(key: string, client: Socket): Promise<void> {
        const entry = this.ports.get(key);
        const open = entry && this.openTo(client, entry.endpoints);
        if (entry === undefined || open === undefined || open.length === 0) {
            this.sockets.add(client);
            client.on("error", () => undefined).once("close", () => this.sockets.delete(client));
            // A packet that is dropped is not answered either.
            await (entry === undefined ? undefined : this.patience().catch(() => undefined));
            client.resetAndDestroy();
            return;
        }
        const { host, localPort: port } = open[entry.turn++ % open.length];
        const pod = connect({ host, port, allowHalfOpen: true });
        for (const [socket, other] of [
            [client, pod],
            [pod, client],
        ]) {
            this.sockets.add(socket);
            socket.setNoDelay(true);
            // What breaks on one side breaks on the other: a reset by the pod is seen as one.
            socket.once("error", () => other.resetAndDestroy());
            socket.once("close", () => {
                this.sockets.delete(socket);
                other.destroySoon();
            });
        }
        client.pipe(pod);
        pod.pipe(client);
        client.resume();
    }
}

function clusterIP(service: KubeObject): string | undefined {
    const ip = service.spec?.clusterIP;
    return ip === "None" ? undefined : ip;
}
