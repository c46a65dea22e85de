import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";

/** What a handler answers. */
export interface Answer {
    status: number;
    /** Sent as JSON, unless it is a Buffer: that is sent as it is. */
    body: unknown;
    contentType?: string;
    headers?: Record<string, string>;
}

/** An answer by throwing: a request that cannot be handled. */
export class Refused extends Error {
    override readonly name = "Refused";
    constructor(
        readonly status: number,
        readonly body: { errors: FieldError[] } | { error: string },
    ) {
        super(JSON.stringify(body));
    }
}

export interface FieldError {
    field: string;
    message: string;
}

const MAX_BYTES = 64 * 1024;

/** The whole body. Errors: Refused, 413 for more than 64 KiB, 400 when the client goes away before its end. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let size = 0;
    return new Promise((resolve, reject) => {
        // What is too long is still read to its end: who only hears when he has sent it all, hears the answer.
        request.on("data", (chunk: Buffer) => {
            size += chunk.length;
            if (size <= MAX_BYTES) {
                chunks.push(chunk);
            } else {
                chunks.length = 0;
                reject(new Refused(413, { error: `the body is longer than ${MAX_BYTES} bytes` }));
            }
        });
        request.once("end", () => resolve(Buffer.concat(chunks)));
        request.once("error", (error) => reject(new Refused(400, { error: error.message })));
    });
}

/** The body as JSON. Errors: Refused, 413 for one that is too long, 415 for another media type, 400 for broken JSON. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
    const type = (request.headers["content-type"] ?? "").split(";")[0].trim().toLowerCase();
    if (type !== "application/json" && !/^application\/[\w.-]+\+json$/.test(type)) {
        throw new Refused(415, { error: `Content-Type is ${type || "missing"}: application/json is taken` });
    }
    const text = (await readBody(request)).toString("utf8");
    try {
        return JSON.parse(text);
    } catch {
        throw new Refused(400, { error: text.trim() === "" ? "the body is empty" : "the body is not JSON" });
    }
}

export function send(response: ServerResponse, answer: Answer): void {
    const asIs = Buffer.isBuffer(answer.body);
    const bytes = asIs ? (answer.body as Buffer) : Buffer.from(JSON.stringify(answer.body));
    response.writeHead(answer.status, {
        ...answer.headers,
        "content-type": answer.contentType ?? (asIs ? "application/octet-stream" : "application/json"),
        "content-length": bytes.length,
    });
    response.end(bytes);
}

/**
 * Headers that a service hands on with every call that it makes on behalf of a request; without them a trace ends at
 * the first sidecar (istio.io, "Distributed Tracing FAQ"; W3C Trace Context).
 */
const TRACING = [
    "x-request-id",
    "x-b3-traceid",
    "x-b3-spanid",
    "x-b3-parentspanid",
    "x-b3-sampled",
    "x-b3-flags",
    "b3",
    "x-ot-span-context",
    "traceparent",
    "tracestate",
    "baggage",
];

export function tracingHeaders(headers: IncomingHttpHeaders): Record<string, string | string[]> {
    return Object.fromEntries(
        TRACING.flatMap((name) => {
            const value = headers[name];
            return value === undefined ? [] : [[name, value]];
        }),
    );
}
