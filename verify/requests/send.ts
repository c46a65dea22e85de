import * as http from "node:http";
import * as https from "node:https";
import type { VerifiedService } from "../environment";
import { type Outcome, RESET_CODES } from "./outcome";

export interface Target {
    /** Where to connect to. */
    base: URL;
    /** What to ask for. */
    host: string;
}

const TIMEOUT_MS = 10_000;
const MAX_CHARS = 16 * 1024;

/** Sends the request by which a service is checked; never throws. */
export function send({ base, host }: Target, check: VerifiedService["check"], signal: AbortSignal): Promise<Outcome> {
    const client = base.protocol === "https:" ? https : http;
    const { method, path, body, contentType } = check;
    const headers: http.OutgoingHttpHeaders = { host, "user-agent": "mesh-verify" };
    if (body !== undefined) {
        headers["content-type"] = contentType;
        headers["content-length"] = Buffer.byteLength(body);
    }
    return new Promise((resolve) => {
        const fail = (error: NodeJS.ErrnoException): void => resolve(outcomeOf(error, base));
        // A connection of its own: what one request did to it shall not become the next one's answer.
        const options: https.RequestOptions = {
            method,
            path,
            headers,
            agent: false,
            signal,
            servername: host.split(":")[0],
            // Routers have certificates of authorities of their own; whose it is is not what is asked here.
            rejectUnauthorized: false,
        };
        const request = client.request(base, options, (response) => {
            let text = "";
            response.setEncoding("utf8");
            response.on("data", (chunk: string) => (text = (text + chunk).slice(0, MAX_CHARS)));
            response.once("error", fail);
            response.once("end", () => {
                const said = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
                resolve({
                    is: "answer",
                    status: response.statusCode ?? 0,
                    headers: Object.fromEntries(said),
                    body: text,
                });
            });
        });
        request.setTimeout(TIMEOUT_MS, () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
        request.once("error", fail);
        request.end(body);
    });
}

function outcomeOf(error: NodeJS.ErrnoException, base: URL): Outcome {
    if (RESET_CODES.includes(error.code ?? "")) {
        return { is: "reset", said: "Connection reset by peer" };
    }
    const words: Record<string, string> = {
        ECONNREFUSED: `nobody listens at ${base.host}`,
        ENOTFOUND: `no address for ${base.hostname}`,
        ABORT_ERR: "interrupted",
    };
    return { is: "failure", said: words[error.code ?? ""] ?? error.message };
}
