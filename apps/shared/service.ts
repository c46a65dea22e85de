import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Answer, Refused, send } from "./http";
import type { Settings } from "./settings";

export type Handler = (request: IncomingMessage) => Promise<Answer>;

/** "POST /api/sample/apply" → its handler. */
export type Routes = Record<`${string} /${string}`, Handler>;

export interface Service {
    address: string;
    port: number;
    /** Takes no more requests, finishes those under way, at most for ten seconds. */
    stop(): Promise<void>;
}

const GRACE_MS = 10_000;
/** Longer than the hour after which a sidecar drops an idle connection: else both would do so at the same moment. */
const KEEP_ALIVE_MS = 65 * 60_000;
const REQUEST_MS = 30_000;

/**
 * Listens on server.address and server.port (default 0.0.0.0:8080), answers the health endpoints, and logs each other
 * request when it has been answered. Errors: SettingsError; the system's, when the port is taken.
 */
export async function serve(routes: Routes, settings: Settings, log: (line: string) => void): Promise<Service> {
    const host = settings.get("server.address") ?? "0.0.0.0";
    const port = settings.integer("server.port", 8080, 0, 65535);
    let stopping = false;
    const server = createServer((request, response) => {
        // A client that keeps its connection would keep the service from ending.
        response.shouldKeepAlive &&= !stopping;
        response.once("close", () => stopping && server.closeIdleConnections());
        void answer(routes, request, response, () => stopping, log);
    });
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    server.requestTimeout = REQUEST_MS;
    await listening(server, host, port);
    const bound = server.address() as AddressInfo;
    return {
        address: bound.address,
        port: bound.port,
        async stop() {
            stopping = true;
            const last = setTimeout(() => server.closeAllConnections(), GRACE_MS);
            await new Promise<void>((resolve) => server.close(() => resolve()));
            clearTimeout(last);
        },
    };
}

function listening(server: Server, host: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, host, () => {
            server.off("error", reject);
            resolve();
        });
    });
}

async function answer(
    routes: Routes,
    request: IncomingMessage,
    response: ServerResponse,
    stopping: () => boolean,
    log: (line: string) => void,
): Promise<void> {
    const begun = performance.now();
    const path = (request.url ?? "/").split("?")[0];
    const health = healthOf(path, stopping());
    const result = health ?? (await handled(routes, request, path));
    if (!response.destroyed) {
        send(response, result);
    }
    if (!health) {
        const id = request.headers["x-request-id"];
        const ms = Math.round(performance.now() - begun);
        log([request.method, path, result.status, `${ms} ms`, ...(id ? [`request-id=${id}`] : [])].join(" "));
    }
}

/** Live as long as it answers at all; ready until it is told to stop. */
function healthOf(path: string, stopping: boolean): Answer | undefined {
    switch (path) {
        case "/health/live":
            return { status: 200, body: { status: "UP" } };
        case "/health/ready":
            return stopping
                ? { status: 503, body: { status: "OUT_OF_SERVICE" } }
                : { status: 200, body: { status: "UP" } };
        default:
            return undefined;
    }
}

async function handled(routes: Routes, request: IncomingMessage, path: string): Promise<Answer> {
    const handler = (routes as Record<string, Handler>)[`${request.method} ${path}`];
    if (!handler) {
        return notThere(routes, path);
    }
    try {
        return await handler(request);
    } catch (error) {
        if (error instanceof Refused) {
            return { status: error.status, body: error.body };
        }
        console.error(error);
        return { status: 500, body: { error: "internal error" } };
    }
}

function notThere(routes: Routes, path: string): Answer {
    const methods = Object.keys(routes).flatMap((r) => (r.endsWith(` ${path}`) ? [r.split(" ")[0]] : []));
    return methods.length === 0
        ? { status: 404, body: { error: `there is no ${path}` } }
        : {
              status: 405,
              body: { error: `${path} takes ${methods.join(", ")}` },
              headers: { allow: methods.join(", ") },
          };
}
