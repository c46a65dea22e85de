import { get } from "node:http";

const WARMING = "listener_manager.total_listeners_warming";

/** What an Envoy says of its configuration. */
export interface Report {
    /** The versions of everything that it goes by. */
    versions: Set<string>;
    /** How many listeners still wait for something. */
    warming: number;
    /** How many configurations it has refused. */
    rejected: number;
}

/** Asks the admin interface at a socket. */
export async function reported(admin: string): Promise<Report> {
    const [texts, numbers] = await Promise.all([
        ask(admin, "/stats?type=TextReadouts&format=json"),
        ask(admin, `/stats?format=json&filter=(${WARMING}|update_rejected|config_fail)$`),
    ]);
    const versions = (JSON.parse(texts).stats as { value: string }[]).map(({ value }) => value);
    const counts = JSON.parse(numbers).stats as { name: string; value: number }[];
    return {
        versions: new Set(versions),
        warming: counts.find(({ name }) => name === WARMING)?.value ?? 1,
        rejected: counts.filter(({ name }) => name !== WARMING).reduce((sum, { value }) => sum + value, 0),
    };
}

/** The answer to a GET. */
export function ask(socketPath: string, path: string): Promise<string> {
    return new Promise((resolve, reject) => {
        const request = get({ socketPath, path, agent: false }, (response) => {
            let body = "";
            response.setEncoding("utf8");
            response.on("data", (chunk) => (body += chunk));
            response.on("end", () => resolve(body));
        });
        request.on("error", reject);
    });
}
