import { createServer, request as httpRequest } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { KubeObject } from "../../kube";
import type { KeyPair } from "../control-plane/certificates";
import type { ClusterView } from "./cluster-view";
import { routeFor, targetsOf } from "./route-target";
import { TlsPort } from "./router-tls";
import { Upstreams } from "./router-upstream";

const HOST = "127.0.0.1";

/** How a Route says that its TLS ends at the router. */
const ENDING = ["edge", "reencrypt"];

/** What HAProxy says when it has nobody to ask (openshift/router, images/router/haproxy/conf/error-page-503.http). */
const UNAVAILABLE = page(
    "Application is not available",
    "The application is currently not serving requests at this endpoint. " +
        "It may not have been started or is still starting.",
);
const TIMED_OUT = page("504 Gateway Time-out", "The server didn't respond in time.");

const BROKEN = page("502 Bad Gateway", "The server returned an invalid or incomplete response.");

/** URLs of the router's two ports. */
export interface RouterPorts {
    plain: string;
    tls: string;
}

/**
 * OpenShift's router as far as requests go: by the Host header, or by the name that TLS begins with, to the Route, its
 * Service, and one of its ready pods. A pod that NetworkPolicies close to the router is waited for in vain.
 */
export class HostRouter {
    private readonly server: Server;
    private readonly secure: TlsPort;
    private readonly upstreams = new Upstreams();

    constructor(
        private readonly view: ClusterView,
        private readonly octet: number,
        certificate: KeyPair,
        private readonly patience: () => Promise<void>,
    ) {
        this.server = createServer((request, response) => void this.answer(request, response, false));
        // A client that keeps its connection finds another Route behind it as well.
        this.server.keepAliveTimeout = 60_000;
        this.secure = new TlsPort({
            certificate,
            routeFor: (host) => routeFor(this.view, host, "/"),
            connect: async (route) => {
                const found = await this.pod(route);
                return "socket" in found ? found.socket : undefined;
            },
            answer: (request, response) => void this.answer(request, response, true),
        });
    }

    /** Listens on free ports of the loopback interface. */
    async listen(): Promise<RouterPorts> {
        await new Promise<void>((resolve, reject) => {
            this.server.once("error", reject);
            this.server.listen(0, HOST, resolve);
        });
        const { port } = this.server.address() as AddressInfo;
        return { plain: `http://${HOST}:${port}`, tls: `https://${HOST}:${await this.secure.listen(HOST)}` };
    }

    close(): void {
        this.server.close();
        this.server.closeAllConnections();
        this.secure.close();
    }

    private async answer(request: IncomingMessage, response: ServerResponse, secure: boolean): Promise<void> {
        const host = (request.headers.host ?? "").toLowerCase().replace(/:\d+$/, "");
        const path = (request.url ?? "/").split("?")[0];
        const route = routeFor(this.view, host, path);
        if (route === undefined) {
            return refuse(request, response, 503, UNAVAILABLE);
        }
        const { termination, insecureEdgeTerminationPolicy: insecure } = route.spec.tls ?? {};
        if (secure ? !ENDING.includes(termination) : termination !== undefined && insecure !== "Allow") {
            return !secure && insecure === "Redirect"
                ? refuse(request, response, 302, "", { location: `https://${host}${request.url}` })
                : refuse(request, response, 503, UNAVAILABLE);
        }
        const found = await this.pod(route);
        if ("socket" in found) {
            pass(request, response, found.socket, secure);
        } else {
            refuse(request, response, found.status, found.body);
        }
    }

    /** A connection to one of a Route's pods, or what is answered without. */
    private async pod(route: KubeObject): Promise<{ socket: Socket } | { status: number; body: string }> {
        const { open, cutOff } = targetsOf(this.view, route, this.octet);
        if (open.length === 0 && cutOff.length > 0) {
            await this.patience().catch(() => undefined);
            return { status: 504, body: TIMED_OUT };
        }
        const socket = await this.upstreams.connect(open, route);
        return socket === undefined ? { status: 503, body: UNAVAILABLE } : { socket };
    }
}

function pass(request: IncomingMessage, response: ServerResponse, socket: Socket, secure: boolean): void {
    const [proto, port] = secure ? ["https", "443"] : ["http", "80"];
    const from = request.socket.remoteAddress ?? "";
    const before = request.headers["x-forwarded-for"];
    const host = request.headers.host ?? "";
    const upstream = httpRequest({
        createConnection: () => socket,
        method: request.method,
        path: request.url,
        headers: {
            ...withoutConnection(request.headers),
            "x-forwarded-for": before === undefined ? from : `${String(before)}, ${from}`,
            "x-forwarded-host": host,
            "x-forwarded-port": port,
            "x-forwarded-proto": proto,
            forwarded: `for=${from};host=${host};proto=${proto}`,
        },
    });
    upstream.once("response", (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.statusMessage, withoutConnection(answer.headers));
        answer.pipe(response);
        answer.once("error", () => response.destroy());
    });
    upstream.once("error", () => {
        if (response.headersSent) {
            response.destroy();
        } else {
            refuse(request, response, 502, BROKEN);
        }
    });
    response.once("close", () => upstream.destroy());
    request.pipe(upstream);
}

/** What is between two neighbours only is not handed on (RFC 9110, 7.6.1). */
function withoutConnection<T extends IncomingMessage["headers"]>(headers: T): T {
    const { connection: _connection, "keep-alive": _keepAlive, ...rest } = headers;
    return rest as T;
}

function refuse(
    request: IncomingMessage,
    response: ServerResponse,
    status: number,
    body: string,
    headers: Record<string, string> = {},
): void {
    request.resume();
    const length = Buffer.byteLength(body);
    const fixed = { "content-type": "text/html", "cache-control": "no-cache", "content-length": length };
    response.writeHead(status, { ...fixed, ...headers }).end(body);
}

function page(title: string, text: string): string {
    return `<html><head><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>\n`;
}
