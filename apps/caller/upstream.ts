import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request as httpRequest } from "node:http";
import type { Answer } from "../shared/http";

export interface Call {
    url: URL;
    headers: OutgoingHttpHeaders;
    body: Buffer;
    /** For the whole call, from connecting to the last byte. */
    timeoutMs: number;
}

/** Statuses by which the other side speaks about the body it was sent: that is between it and the caller's caller. */
const ABOUT_THE_BODY = [400, 413, 415, 422];
const MAX_BYTES = 1024 * 1024;
/** The sidecar keeps connections for all; one of our own that is kept could be closed just when it is used again. */
const agent = new Agent({ keepAlive: false });

/**
 * Calls another service and passes its answer on. When that is none of its own making, because it is away, or somebody
 * on the way refuses the call, the answer is 502 and says why. Never throws.
 */
export async function passOn(name: string, call: Call): Promise<Answer> {
    const signal = AbortSignal.timeout(call.timeoutMs);
    const answered = await post(call, signal).catch((error: Error) => error);
    if (answered instanceof Error) {
        return badGateway(
            `${name} did not answer: ${signal.aborted ? `nothing within ${call.timeoutMs} ms` : reasonOf(answered)}`,
            call,
        );
    }
    const { status, contentType, body } = answered;
    if ((status >= 200 && status < 300) || ABOUT_THE_BODY.includes(status)) {
        return { status, body, contentType };
    }
    return badGateway(`${name} refused: ${status} ${body.toString("utf8").trim().slice(0, 200)}`.trim(), call);
}

function badGateway(error: string, { url }: Call): Answer {
    return { status: 502, body: { error, url: url.href } };
}

function reasonOf(error: Error): string {
    return (error as NodeJS.ErrnoException).code ?? error.message;
}

interface Answered {
    status: number;
    contentType: string | undefined;
    body: Buffer;
}

async function post({ url, headers, body }: Call, signal: AbortSignal): Promise<Answered> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const sent = httpRequest(url, {
            method: "POST",
            agent,
            signal,
            headers: { ...headers, "content-length": body.length },
        });
        sent.once("response", resolve).once("error", reject);
        sent.end(body);
    });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > MAX_BYTES) {
            throw new Error(`its answer is longer than ${MAX_BYTES} bytes`);
        }
        chunks.push(chunk);
    }
    const { statusCode = 0, headers: answered } = response;
    return { status: statusCode, contentType: answered["content-type"], body: Buffer.concat(chunks) };
}
