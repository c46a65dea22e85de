import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

export interface Answer {
    status?: number;
    server?: string;
    body: string;
    /** The system's word for what broke the connection. */
    broken?: string;
}

const APPLICATION = JSON.stringify({ user_name: "Ada", store_id: 1, store_name: "Corner shop" });
const LIMIT_MS = 5_000;

/** Applies at a service: at the router under a host, or at an address; with TLS if there is a CA to trust. */
export function apply(service: string, at: { url: string; host?: string; ca?: string }): Promise<Answer> {
    return new Promise((resolve) => {
        const request = at.ca === undefined ? httpRequest : httpsRequest;
        const sent = request(`${at.url}/api/${service}/apply`, {
            method: "POST",
            agent: false,
            timeout: LIMIT_MS,
            ...(at.ca === undefined ? {} : { ca: at.ca, servername: at.host }),
            headers: { "content-type": "application/json", ...(at.host === undefined ? {} : { host: at.host }) },
        });
        sent.once("response", (response) => {
            let body = "";
            response.setEncoding("utf8");
            response.on("data", (chunk: string) => (body += chunk));
            response.once("end", () =>
                resolve({ status: response.statusCode, server: response.headers.server as string | undefined, body }),
            );
        });
        sent.once("timeout", () => sent.destroy(Object.assign(new Error(), { code: "ETIMEDOUT" })));
        sent.once("error", (error: NodeJS.ErrnoException) =>
            resolve({ body: "", broken: error.code ?? error.message }),
        );
        sent.end(APPLICATION);
    });
}
