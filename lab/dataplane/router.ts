import { createServer, request as httpRequest } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { ClusterView } from "./cluster-view";
import type { Endpoint } from "./endpoints";
import { routeFor, targetsOf } from "./route-target";

const HOST = "127.0.0.1";

/** What HAProxy says when it has nobody to ask (openshift/router, images/router/haproxy/conf/error-page-503.http). */
const UNAVAILABLE = page(
    "Application is not available",
    "The application is currently not serving requests at this endpoint. " +
        "It may not have been started or is still starting.",
);
const TIMED_OUT = page("504 Gateway Time-out", "The server didn't respond in time.");

const BROKEN = page("502 Bad Gateway", "The server returned an invalid or incomplete response.");

/**
 * OpenShift's router as far as requests go, for plain HTTP: by the Host header to the Route, its Service, and one of
 * its ready pods. A pod that NetworkPolicies close to the router is waited for in vain.
 */
export class HostRouter {
    private readonly server: Server;
    private turn = 0;

    constructor(
        private readonly view: ClusterView,
        private readonly octet: number,
        private readonly patience: () => Promise<void>,
    ) {
        this.server = createServer((request, response) => void this.answer(request, response));
        // A client that keeps its connection finds another Route behind it as well.
        this.server.keepAliveTimeout = 60_000;
    }

    /** Listens on a free port of the loopback interface and gives its URL. */
    listen(): Promise<string> {
        return new Promise((resolve, reject) => {
            this.server.once("error", reject);
            this.server.listen(0, HOST, () => {
                resolve(`http://${HOST}:${(this.server.address() as AddressInfo).port}`);
            });
        });
    }

    close(): void {
        this.server.close();
        this.server.closeAllConnections();
    }

    private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const host = (request.headers.host ?? "").toLowerCase().replace(/:\d+$/, "");
        const path = (request.url ?? "/").split("?")[0];
        const route = routeFor(this.view, host, path);
        if (route === undefined) {
            return refuse(request, response, 503, UNAVAILABLE);
        }
        const insecure = route.spec.tls?.insecureEdgeTerminationPolicy;
        if (route.spec.tls !== undefined && insecure !== "Allow") {
            return insecure === "Redirect"
                ? refuse(request, response, 302, "", { location: `https://${host}${request.url}` })
                : refuse(request, response, 503, UNAVAILABLE);
        }
        const { open, cutOff } = targetsOf(this.view, route, this.octet);
        if (open.length === 0) {
            if (cutOff.length === 0) {
                return refuse(request, response, 503, UNAVAILABLE);
            }
            await this.patience().catch(() => undefined);
            return refuse(request, response, 504, TIMED_OUT);
        }
        const socket = await this.connect(open);
        if (socket === undefined) {
            return refuse(request, response, 503, UNAVAILABLE);
        }
        pass(request, response, socket);
    }

    /** One after the other, beginning with another one each time. Undefined when nobody listens. */
    private async connect(endpoints: Endpoint[]): Promise<Socket | undefined> {
        const start = this.turn++;
        for (let i = 0; i < endpoints.length; i++) {
            const { host, port } = endpoints[(start + i) % endpoints.length];
            const socket = await new Promise<Socket | undefined>((resolve) => {
                const attempt = connect({ host, port, noDelay: true });
                attempt.once("connect", () => resolve(attempt));
                attempt.once("error", () => resolve(undefined));
            });
            if (socket !== undefined) {
                return socket;
            }
        }
        return undefined;
    }
}

function pass(request: IncomingMessage, response: ServerResponse, socket: Socket): void {
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
            "x-forwarded-port": "80",
            "x-forwarded-proto": "http",
            forwarded: `for=${from};host=${host};proto=http`,
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
