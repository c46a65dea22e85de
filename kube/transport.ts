import * as http from "node:http";
import * as https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { KubeError, Unreachable } from "./errors";
import type { Access } from "./kubeconfig";

/** How long credentials are reused before the kubeconfig is asked again: exec plugins and token files rotate theirs. */
const CREDENTIALS_MS = 60_000;
/** How often "429, Retry-After" is obeyed (client-go, rest/with_retry.go): an API server that is starting says it too. */
const RETRIES = 10;

export interface Request {
    method: string;
    path: string;
    query?: Record<string, string | undefined>;
    body?: unknown;
    contentType?: string;
    signal?: AbortSignal;
    /** Milliseconds without a byte before the request is given up; 0 for watches. */
    idleTimeout?: number;
}

/**
 * One API server and the credentials for it. Requests are plain JSON: the typed models of @kubernetes/client-node drop
 * every field that they do not know, and most objects here are custom.
 */
export class Transport {
    private credentials?: { until: number; options: Promise<https.RequestOptions> };

    constructor(private readonly access: Access) {}

    get server(): string {
        return this.access.server;
    }

    /** Sends a request and returns the response stream; errors of the API server and of the network are thrown. */
    async open(request: Request): Promise<http.IncomingMessage> {
        const url = new URL(this.server.replace(/\/$/, "") + request.path);
        for (const [key, value] of Object.entries(request.query ?? {})) {
            if (value !== undefined) {
                url.searchParams.set(key, value);
            }
        }
        const options = await this.authenticated();
        const body = request.body === undefined ? undefined : JSON.stringify(request.body);
        const headers: http.OutgoingHttpHeaders = { ...(options.headers as http.OutgoingHttpHeaders) };
        headers.accept = "application/json";
        if (body !== undefined) {
            headers["content-type"] = request.contentType ?? "application/json";
            headers["content-length"] = Buffer.byteLength(body);
        }
        for (let attempt = 0; ; attempt++) {
            const response = await this.send(url, { ...options, method: request.method, headers }, body, request);
            const status = response.statusCode ?? 500;
            if (status < 400) {
                return response;
            }
            const said = await readAll(response);
            const pause = status === 429 ? Number(response.headers["retry-after"]) : NaN;
            if (Number.isNaN(pause) || attempt >= RETRIES) {
                throw toError(status, said);
            }
            await sleep(pause * 1000, undefined, { signal: request.signal });
        }
    }

    private send(
        url: URL,
        options: https.RequestOptions,
        body: string | undefined,
        request: Request,
    ): Promise<http.IncomingMessage> {
        return new Promise((resolve, reject) => {
            const client = url.protocol === "http:" ? http : https;
            const req = client.request(url, { ...options, signal: request.signal }, resolve);
            req.on("error", (error: NodeJS.ErrnoException) => {
                // The server may close an idle connection just when it is used again (Node.js, http: request.reusedSocket).
                if (req.reusedSocket && error.code === "ECONNRESET" && request.method === "GET") {
                    return resolve(this.send(url, options, body, request));
                }
                reject(request.signal?.aborted ? error : new Unreachable(this.server, error.code ?? error.name, error));
            });
            const idle = request.idleTimeout ?? 30_000;
            if (idle > 0) {
                req.setTimeout(idle, () => req.destroy(new Error(`no answer within ${idle / 1000} s`)));
            }
            req.end(body);
        });
    }

    private authenticated(): Promise<https.RequestOptions> {
        if (!this.credentials || this.credentials.until < Date.now()) {
            const ready = this.access.options().then((options) => {
                // One connection for many requests; idle ones do not keep the process alive.
                (options.agent as https.Agent & { keepAlive?: boolean }).keepAlive = true;
                return options;
            });
            this.credentials = { until: Date.now() + CREDENTIALS_MS, options: ready };
            ready.catch(() => (this.credentials = undefined));
        }
        return this.credentials.options;
    }
}

export async function readAll(stream: http.IncomingMessage): Promise<string> {
    stream.setEncoding("utf8");
    let text = "";
    for await (const chunk of stream) {
        text += chunk;
    }
    return text;
}

function toError(status: number, text: string): KubeError {
    try {
        const body = JSON.parse(text);
        return new KubeError(status, body.reason ?? "", body.message ?? text, body);
    } catch {
        return new KubeError(status, "", text.trim() || `HTTP ${status}`);
    }
}
