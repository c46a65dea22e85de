import { createServer, type Server } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Authority } from "../control-plane/certificates";
import type { AdmissionReview, WebhookHandler, WebhookResponse, WebhookServer } from "./types";

/**
 * An HTTPS server for admission and conversion webhooks on a free port of loopback, with a certificate of its own making. A path
 * without a handler is answered with 404, a handler that throws with 500 and its message.
 */
export async function serveWebhook(handlers: Record<string, WebhookHandler>): Promise<WebhookServer> {
    const authority = await Authority.create("lab webhooks");
    const { cert, key } = await authority.issue("webhook", ["127.0.0.1", "localhost"]);
    const server = createServer({ cert, key }, (request, response) => {
        void answer(handlers, request, response);
    });
    // An operator's server closes no connection that is idle: the API server may be just about to use it again.
    server.keepAliveTimeout = 0;
    await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(0, "127.0.0.1", resolve);
    });
    const { port } = server.address() as AddressInfo;
    return {
        url: (path) => `https://127.0.0.1:${port}${path}`,
        caBundle: Buffer.from(authority.cert).toString("base64"),
        close: () => close(server),
    };
}

async function answer(
    handlers: Record<string, WebhookHandler>,
    request: IncomingMessage,
    response: ServerResponse,
): Promise<void> {
    // The API server adds ?timeout=10s.
    const path = new URL(request.url ?? "/", "https://localhost").pathname;
    const handler = handlers[path];
    if (!handler) {
        response.writeHead(404).end(`no webhook at ${path}`);
        return;
    }
    try {
        const review = await readJson(request);
        const body = toReview(review, await handler(review));
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    } catch (error) {
        response.writeHead(500).end(error instanceof Error ? error.message : String(error));
    }
}

async function readJson(request: IncomingMessage): Promise<AdmissionReview> {
    request.setEncoding("utf8");
    let text = "";
    for await (const chunk of request) {
        text += chunk;
    }
    return JSON.parse(text);
}

function toReview(review: AdmissionReview, answered: WebhookResponse): object {
    const { patch, ...rest } = "patch" in answered ? answered : { ...answered, patch: undefined };
    const encoded = patch && patch.length > 0 ? Buffer.from(JSON.stringify(patch)).toString("base64") : undefined;
    return {
        apiVersion: review.apiVersion,
        kind: review.kind,
        response: {
            uid: review.request.uid,
            ...rest,
            ...(encoded === undefined ? {} : { patchType: "JSONPatch", patch: encoded }),
        },
    };
}

function close(server: Server): Promise<void> {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
}
