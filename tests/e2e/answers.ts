import { eventually } from "../lab/wait";
import type { Lab } from "../../lab";
import type { Outcome } from "../../verify/requests/outcome";
import { send } from "../../verify/requests/send";

export const APPS = "microsvc-sample";
export const BODY = '{"user_name":"Taro","store_id":1111,"store_name":"Shop_A"}';

/** Who asks: anyone through the router by a host, or a client without sidecar by the Service. */
export type Client = { host: string } | { service: string };
export type Expected = { status: number; body: RegExp; server?: string } | { broken: true };
/** One request of the scenario, and what it is answered. */
export type Answer = [who: string, client: Client, path: string, expected: Expected];

export const GATEWAY = { server: "istio-envoy" };
export const CREATED: Expected = { status: 201, body: /^\{"user_id":\d+\}$/, ...GATEWAY };
export const ANSWERED: Expected = { status: 201, body: /^\{"user_id":\d+\}$/ };
export const DENIED: Expected = { status: 403, body: /^RBAC: access denied$/, ...GATEWAY };
export const ACCEPTED: Expected = { status: 202, body: /(?:)/ };
export const RESET: Expected = { broken: true };

export const sample: Client = { host: "sample.apps.example.com" };
export const caller: Client = { host: "caller.apps.example.com" };
export const bareCaller: Client = { service: "caller" };
export const bareSample: Client = { service: "sample" };
export const listener: Client = { host: `el-sample-${APPS}.apps.example.com` };

/** The scenario's steps 8 to 10 as everybody sees them, on any generation. */
export const OPEN: Answer[] = [
    ["sample through the gateway", sample, "/api/sample/apply", CREATED],
    ["caller through the gateway", caller, "/api/caller/apply", CREATED],
    ["step 9, before: caller without sidecar", bareCaller, "/api/caller/apply", ANSWERED],
    ["step 9, before: sample without sidecar", bareSample, "/api/sample/apply", ANSWERED],
    ["step 3: the listener's own Route (trap 27)", listener, "/", ACCEPTED],
];
export const STRICT: Answer[] = [
    ["sample through the gateway", sample, "/api/sample/apply", CREATED],
    ["caller through the gateway", caller, "/api/caller/apply", CREATED],
    ["caller without sidecar", bareCaller, "/api/caller/apply", RESET],
    ["sample without sidecar", bareSample, "/api/sample/apply", RESET],
    ["the listener's own Route", listener, "/", ACCEPTED],
];
export const GUARDED: Answer[] = [
    ["caller through the gateway", caller, "/api/caller/apply", CREATED],
    ["sample through the gateway", sample, "/api/sample/apply", DENIED],
    ["caller without sidecar", bareCaller, "/api/caller/apply", RESET],
];

/** One request to a service of the lab. */
export function ask(lab: Lab, client: Client, path: string, signal: AbortSignal): Promise<Outcome> {
    const check = { method: "POST", path, body: BODY, contentType: "application/json" } as const;
    if ("host" in client) {
        return send({ base: new URL(lab.router as string), host: client.host }, check, signal);
    }
    const address = lab.serviceAddress(APPS, client.service);
    const host = `${client.service}.${APPS}.svc.cluster.local:8080`;
    return send({ base: new URL(`http://${address}:8080`), host }, check, signal);
}

/** Fails unless the answer is the expected one, now or soon. */
export async function isAnswered(lab: Lab, [, client, path, expected]: Answer, signal: AbortSignal): Promise<void> {
    let last: Outcome | undefined;
    const met = async () => ((last = await ask(lab, client, path, signal)), isMet(expected, last) || undefined);
    await eventually(inWords(expected), met, 30).catch((error: Error) => {
        error.message += `; ${JSON.stringify(last)}`;
        throw error;
    });
}

function isMet(expected: Expected, outcome: Outcome): boolean {
    if ("broken" in expected) {
        return outcome.is === "reset";
    }
    if (outcome.is !== "answer" || outcome.status !== expected.status || !expected.body.test(outcome.body)) {
        return false;
    }
    const { server, "x-envoy-upstream-service-time": upstream } = outcome.headers;
    // A refusal comes from before the service.
    return (
        expected.server === undefined ||
        (server === expected.server && (upstream !== undefined || outcome.status === 403))
    );
}

export function inWords(expected: Expected): string {
    return "broken" in expected
        ? "the connection is reset"
        : `${expected.status}${expected.server ? `, server: ${expected.server}` : ""}`;
}
