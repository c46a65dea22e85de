import { createHash } from "node:crypto";
import { isStatus, type KubeObject } from "../../../kube";
import type { StandInContext } from "../types";
import { PREFIX } from "./bundle";
import { packagesOf } from "./catalog";
import type { OlmSettings, Package } from "./settings";
import { Store } from "./store";
import { Throttle } from "./throttle";

const V1ALPHA1 = `${PREFIX}/v1alpha1`;
export const NOT_COPIED = "!olm.copiedFrom";
export const COPIED = "olm.copiedFrom";
export const MANAGED = "olm.managed=true";

/** What all parts of the stand-in share: what is on the cluster, how fast they may ask, and who wants to know what. */
export class Olm {
    readonly subscriptions: Store;
    readonly plans: Store;
    readonly csvs: Store;
    readonly copies: Store;
    readonly groups: Store;
    readonly sources: Store;
    readonly namespaces: Store;
    readonly deployments: Store;
    readonly crds: Store;

    /** The two operators of OLM have one token bucket each; copies are counted apart, or they would starve the rest. */
    readonly catalogRequests: Throttle;
    readonly olmRequests: Throttle;
    readonly copyRequests: Throttle;

    constructor(readonly context: StandInContext) {
        const store = (apiVersion: string, kind: string) => new Store(context.kube, { apiVersion, kind });
        this.subscriptions = store(V1ALPHA1, "Subscription");
        this.plans = store(V1ALPHA1, "InstallPlan");
        this.csvs = store(V1ALPHA1, "ClusterServiceVersion");
        this.copies = store(V1ALPHA1, "ClusterServiceVersion");
        this.groups = store(`${PREFIX}/v1`, "OperatorGroup");
        this.sources = store(V1ALPHA1, "CatalogSource");
        this.namespaces = store("v1", "Namespace");
        this.deployments = store("apps/v1", "Deployment");
        this.crds = store("apiextensions.k8s.io/v1", "CustomResourceDefinition");
        const throttle = (faster: number) =>
            new Throttle(
                () => ({
                    perSecond: this.settings.requestsPerSecond * faster,
                    burst: this.settings.requestBurst,
                    timeScale: this.timeScale(),
                }),
                context.delay,
            );
        this.catalogRequests = throttle(1);
        this.olmRequests = throttle(1);
        this.copyRequests = throttle(5);
    }

    get settings(): OlmSettings {
        return this.context.settings().olm;
    }

    get signal(): AbortSignal {
        return this.context.signal;
    }

    timeScale(): number {
        return this.context.settings().timeScale;
    }

    delay(realMs: number): Promise<void> {
        return this.context.delay(realMs);
    }

    log(line: string): void {
        this.context.log(line);
    }

    packages(): Package[] {
        return packagesOf(this.settings, this.context.settings().openshift);
    }

    now(): string {
        return `${new Date().toISOString().slice(0, 19)}Z`;
    }

    /** The CSVs of a namespace that are not on their way out of the API. */
    csvsOf(namespace: string): KubeObject[] {
        return this.csvs.all(namespace);
    }

    subscriptionsOf(namespace: string): KubeObject[] {
        return this.subscriptions.all(namespace).filter((s) => !s.metadata.deletionTimestamp);
    }

    /** An Event as OLM's recorder writes it: one object for the same words, counted up. Never waited for. */
    event(about: KubeObject, type: "Normal" | "Warning", reason: string, message: string): void {
        void this.recordEvent(about, type, reason, message).catch(() => undefined);
    }

    private async recordEvent(about: KubeObject, type: string, reason: string, message: string): Promise<void> {
        const { kube } = this.context;
        // Events about objects without a namespace live in "default".
        const namespace = about.metadata.namespace ?? "default";
        const id = `${about.metadata.uid}/${reason}/${message}`;
        const name = `${about.metadata.name}.${createHash("sha256").update(id).digest("hex").slice(0, 16)}`;
        const now = this.now();
        const { apiVersion, kind, metadata } = about;
        const event: KubeObject = {
            apiVersion: "v1",
            kind: "Event",
            metadata: { name, namespace },
            involvedObject: { apiVersion, kind, name: metadata.name, namespace: metadata.namespace, uid: metadata.uid },
            type,
            reason,
            message,
            source: { component: "operator-lifecycle-manager" },
            count: 1,
            firstTimestamp: now,
            lastTimestamp: now,
        };
        try {
            await kube.create(event);
        } catch (error) {
            if (!isStatus(error, 409)) {
                throw error;
            }
            const ref = { apiVersion: "v1", kind: "Event", namespace, name };
            const present = await kube.get(ref);
            await kube.mergePatch(ref, { count: (present?.count ?? 0) + 1, lastTimestamp: now });
        }
    }
}

/** Whose OperatorGroup covers every namespace. */
export function coversAll(group: KubeObject): boolean {
    return group.status?.namespaces?.length === 1 && group.status.namespaces[0] === "";
}
