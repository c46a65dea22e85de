import { Agent as HttpAgent, type IncomingMessage, request as httpRequest, type RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Identity } from "./certificates";

export interface Answer {
    status: number;
    headers: IncomingMessage["headers"];
    body: string;
}

export interface Call {
    address: string;
    port?: number;
    method?: string;
    path?: string;
    host?: string;
    headers?: Record<string, string>;
}

/** A client without sidecar, or with the certificate of one. It keeps connections, as proxies do. */
export class Client {
    private readonly agent: HttpAgent;

    constructor(private readonly identity?: Identity) {
        this.agent =
            identity === undefined
                ? new HttpAgent({ keepAlive: true })
                : new HttpsAgent({ keepAlive: true, ...identity, rejectUnauthorized: false });
    }

    /** Rejects with the socket's error, such as ECONNRESET. */
    call({ address, port = 8080, method = "GET", path = "/", host, headers = {} }: Call): Promise<Answer> {
        const options: RequestOptions = {
            agent: this.agent,
            host: address,
            port,
            method,
            path,
            headers: { ...(host === undefined ? {} : { host }), ...headers },
        };
        return new Promise((resolve, reject) => {
            const take = (response: IncomingMessage) => {
                let body = "";
                response.setEncoding("utf8");
                response.on("data", (chunk) => (body += chunk));
                response.on("error", reject);
                response.on("end", () =>
                    resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
                );
            };
            const request = this.identity === undefined ? httpRequest(options, take) : httpsRequest(options, take);
            request.on("error", reject);
            request.end();
        });
    }

    close(): void {
        this.agent.destroy();
    }
}

/** "201", or the code of the error. */
export async function outcome(answer: Promise<Answer>): Promise<string> {
    try {
        return String((await answer).status);
    } catch (error) {
        return (error as NodeJS.ErrnoException).code ?? String(error);
    }
}
