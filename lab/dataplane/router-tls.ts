import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import type { RequestListener } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { createSecureContext, type SecureContext } from "node:tls";
import type { KubeObject } from "../../kube";
import type { KeyPair } from "../control-plane/certificates";
import { peekHello } from "./client-hello";

export interface TlsBehind {
    /** For Routes that do not bring one of their own. */
    certificate: KeyPair;
    /** The Route that a host has, by the name that a client asks for. */
    routeFor(host: string): KubeObject | undefined;
    /** A connection to one of its pods; undefined if there is none to be had. */
    connect(route: KubeObject): Promise<Socket | undefined>;
    /** Requests of connections that end here. */
    answer: RequestListener;
}

/**
 * The router's port for TLS. A connection that asks for the host of a passthrough Route goes to the pod as it is; any
 * other one ends here, with the Route's certificate or the router's own (openshift/router, haproxy-config.template).
 */
export class TlsPort {
    private readonly server: Server;
    private readonly ending: HttpsServer;
    private readonly sockets = new Set<Socket>();
    private readonly contexts = new Map<string, { version?: string; context: SecureContext }>();

    constructor(private readonly behind: TlsBehind) {
        const { cert, key } = behind.certificate;
        this.ending = createHttpsServer(
            { cert, key, SNICallback: (name, done) => done(null, this.contextOf(name)) },
            behind.answer,
        );
        this.ending.keepAliveTimeout = 60_000;
        this.server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => void this.take(socket));
    }

    listen(host: string): Promise<number> {
        return new Promise((resolve, reject) => {
            this.server.once("error", reject);
            this.server.listen(0, host, () => resolve((this.server.address() as { port: number }).port));
        });
    }

    close(): void {
        this.server.close();
        this.sockets.forEach((socket) => socket.destroy());
    }

    private async take(socket: Socket): Promise<void> {
        this.sockets.add(socket);
        socket.once("close", () => this.sockets.delete(socket));
        // Whoever it is handed to listens as well; until then nobody is to blame.
        socket.on("error", () => undefined);
        const hello = await peekHello(socket);
        if (hello === undefined) {
            socket.destroy();
            return;
        }
        const route = hello.name === undefined ? undefined : this.behind.routeFor(hello.name);
        if (route?.spec.tls?.termination !== "passthrough") {
            this.ending.emit("connection", socket);
            return;
        }
        const pod = await this.behind.connect(route);
        if (pod === undefined) {
            socket.destroy();
            return;
        }
        joined(socket, pod);
    }

    /** The Route's own certificate; one that cannot be read is as good as none. */
    private contextOf(name: string): SecureContext | undefined {
        const route = this.behind.routeFor(name.toLowerCase());
        const { certificate, key, caCertificate = "" } = route?.spec.tls ?? {};
        if (route === undefined || !certificate || !key) {
            return undefined;
        }
        const { uid = "", resourceVersion: version } = route.metadata;
        const known = this.contexts.get(uid);
        if (known !== undefined && known.version === version) {
            return known.context;
        }
        try {
            const context = createSecureContext({ cert: `${certificate}\n${caCertificate}`, key });
            this.contexts.set(uid, { version, context });
            return context;
        } catch {
            return undefined;
        }
    }
}

function joined(client: Socket, pod: Socket): void {
    for (const [socket, other] of [
        [client, pod],
        [pod, client],
    ]) {
        // What breaks on one side breaks on the other: a reset by the pod is seen as one.
        socket.once("error", () => other.resetAndDestroy());
        socket.once("close", () => other.destroySoon());
    }
    client.pipe(pod);
    pod.pipe(client);
}
