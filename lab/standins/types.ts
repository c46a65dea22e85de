import type { Kube } from "../../kube";
import type { DataPlane } from "../dataplane";
import type { Settings } from "../settings";

/** What the API server asks an admission webhook (admission.k8s.io/v1, AdmissionRequest). */
export interface AdmissionRequest {
    uid: string;
    kind: { group: string; version: string; kind: string };
    resource: { group: string; version: string; resource: string };
    subResource?: string;
    name?: string;
    namespace?: string;
    operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
    userInfo: { username: string; uid?: string; groups?: string[] };
    object?: any;
    oldObject?: any;
    dryRun?: boolean;
    options?: any;
}

export interface AdmissionReview {
    apiVersion: "admission.k8s.io/v1";
    kind: "AdmissionReview";
    request: AdmissionRequest;
}

/** A handler's answer. The server adds the uid and encodes the patch (JSON Patch operations). */
export interface AdmissionResponse {
    allowed: boolean;
    status?: { code?: number; reason?: string; message?: string };
    patch?: object[];
    warnings?: string[];
}

/** What a conversion webhook answers (apiextensions.k8s.io/v1, ConversionResponse); the server adds the uid. */
export interface ConversionResponse {
    convertedObjects: object[];
    result: { status: "Success" } | { status: "Failed"; message: string };
}

/** A conversion webhook is asked with a ConversionReview, whose request has `objects` and `desiredAPIVersion`. */
export type WebhookResponse = AdmissionResponse | ConversionResponse;

export type WebhookHandler = (review: AdmissionReview) => WebhookResponse | Promise<WebhookResponse>;

export interface WebhookServer {
    /** The address for a webhook configuration's clientConfig.url. */
    url(path: string): string;
    /** For clientConfig.caBundle. */
    caBundle: string;
    /** From now on the address refuses connections, as an operator's does that is gone. */
    close(): Promise<void>;
}

export interface StandInContext {
    kube: Kube;
    /** What runs programs and proxies for pods; a lab can be without. */
    dataPlane?: DataPlane;
    /** The settings as they are now; they change while the lab runs. */
    settings(): Settings;
    /** Waits as long as the real thing took, times settings.timeScale. Rejects with AbortError when the lab ends. */
    delay(realMs: number): Promise<void>;
    log(line: string): void;
    signal: AbortSignal;
    /** Serves admission webhooks on loopback, one handler a path; closed at the latest when the signal aborts. */
    serveWebhook(handlers: Record<string, WebhookHandler>): Promise<WebhookServer>;
}

/** Resolves once it is watching; works until the signal of its context aborts. */
export type StandIn = (context: StandInContext) => Promise<void>;
