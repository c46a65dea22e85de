import type { Expectation, PlannedRequest } from "./plan";

/** What came of a request. */
export type Outcome =
    | { is: "answer"; status: number; headers: Record<string, string | undefined>; body: string }
    /** Closed without an answer; `said` in the client's words. */
    | { is: "reset"; said: string }
    /** Anything else: no address, no connection, no time. */
    | { is: "failure"; said: string };

const SHOWN = 100;
/** What Istio's gateway and Envoy itself say of a request that a policy refuses (envoyproxy/envoy, rbac_filter.cc). */
const DENIED = "RBAC: access denied";

/** Codes by which systems say that the other side closed the connection; curl's exit codes for the same. */
export const RESET_CODES = ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"];
export const CURL_RESETS = [52, 55, 56];

export function expectedInWords(expectation: Expectation, from: PlannedRequest["from"]): string {
    switch (expectation.is) {
        case "answer": {
            const status = expectation.status === undefined ? "its own answer" : String(expectation.status);
            return from === "gateway" ? `${status}, server: istio-envoy` : status;
        }
        case "denied":
            return `403 ${DENIED}`;
        case "reset":
            return "connection reset";
        case "redirect":
            return "a redirect to https";
        case "unavailable":
            return "503 from the router";
        case "no-success":
            return expectation.status === undefined ? "an error" : `any answer but ${expectation.status}`;
        case "unknown":
            return "not known";
    }
}

export function isAsExpected(expectation: Expectation, from: PlannedRequest["from"], outcome: Outcome): boolean {
    switch (expectation.is) {
        case "answer":
            return (
                outcome.is === "answer" &&
                isGood(outcome, expectation.status) &&
                (from === "plain" || isByMesh(outcome))
            );
        case "denied":
            return outcome.is === "answer" && isDenied(outcome);
        case "reset":
            return outcome.is === "reset";
        case "redirect":
            return outcome.is === "answer" && isRedirect(outcome);
        case "unavailable":
            return outcome.is === "answer" && outcome.status === 503 && !isByMesh(outcome);
        case "no-success":
            return outcome.is === "answer" && !isDenied(outcome) && !isGood(outcome, expectation.status);
        case "unknown":
            return true;
    }
}

type Answer = Extract<Outcome, { is: "answer" }>;

function isGood(answer: Answer, status: number | undefined): boolean {
    return status === undefined ? answer.status < 500 && !isDenied(answer) : answer.status === status;
}

function isDenied({ status, body }: Answer): boolean {
    return status === 403 && body.includes(DENIED);
}

function isRedirect({ status, headers }: Answer): boolean {
    return status >= 301 && status <= 308 && (headers.location ?? "").startsWith("https://");
}

function isByMesh({ headers }: Answer): boolean {
    return headers.server === "istio-envoy";
}

export function seenInWords(outcome: Outcome, from: PlannedRequest["from"]): string {
    if (outcome.is !== "answer") {
        return outcome.said;
    }
    const text = outcome.body.replace(/\s+/g, " ").trim();
    const body = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
    const server = from === "gateway" ? `, server: ${outcome.headers.server ?? "not said"}` : "";
    return `${outcome.status} ${body}`.trim() + server;
}
