import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubeObject } from "../../../kube";
import type { StandIn, StandInContext } from "../types";
import { Adoption } from "./adoption";
import { CatalogSources } from "./catalog-sources";
import { Copies } from "./copied";
import { CsvController } from "./csv-controller";
import { collectCsv, collectSubscription } from "./garbage";
import { COPIED, MANAGED, NOT_COPIED, Olm } from "./host";
import { InstallPlans } from "./install-plans";
import { OperatorGroups } from "./operator-groups";
import { writePackageManifests } from "./package-manifests";
import { preinstall } from "./preinstalled";
import { NamespaceResolution } from "./resolution";
import { CATALOG_NAMESPACE } from "./resolver";
import { type Change, keyOf } from "./store";
import { Subscriptions } from "./subscriptions";

/** How often the settings are compared with what they were: a comparison in memory, nothing is asked. */
const SETTINGS_MS = 100;
const SHORTEST_RESYNC_MS = 60_000;

/**
 * OLM: from Subscriptions to running operators, traps included (1 to 13, 46, 47). Behaviour and words are those
 * recorded from the real one; times are its own too, since it may only ask as often as the real one does.
 */
export const standIn: StandIn = async (context) => {
    // Every wait and every watch listens for the end of the lab.
    setMaxListeners(0, context.signal);
    const host = new Olm(context);
    const parts = wire(host);
    await watchAll(host, parts);
    await parts.sources.sync();
    followSettings(host, parts);
    resync(
        context,
        () => host.settings.resolveResync,
        () => namespacesWithSubscriptions(host).forEach(parts.touched),
    );
    resync(
        context,
        () => host.settings.csvResync,
        () => host.csvs.all().forEach((csv) => parts.csvChanged(csv)),
    );
    await preinstall(host);
};

type Parts = ReturnType<typeof wire>;

function wire(host: Olm) {
    const resolution = new NamespaceResolution(host);
    const copies = new Copies(host);
    const groups = new OperatorGroups(host, (namespace) => csvs.namespaceChanged(namespace));
    const csvs: CsvController = new CsvController(host, (csv) => groups.changed(csv.metadata.namespace!));
    const plans = new InstallPlans(host, (namespace, csvName) => csvs.changed(namespace, csvName));
    const subscriptions = new Subscriptions(host);
    const sources = new CatalogSources(host, (error) => {
        resolution.catalogError = error;
        if (error === undefined) {
            namespacesWithSubscriptions(host).forEach((namespace) => resolution.touched(namespace));
        }
    });
    const adoption = new Adoption(host);
    return {
        resolution,
        copies,
        groups,
        csvs,
        plans,
        subscriptions,
        sources,
        adoption,
        touched: (namespace: string) => resolution.touched(namespace),
        csvChanged: (csv: KubeObject) => csvs.changed(csv.metadata.namespace!, csv.metadata.name),
    };
}

/** Who hears of what. What is missing here is missing in OLM too: deletions of Subscriptions, groups and CRDs. */
async function watchAll(host: Olm, parts: Parts): Promise<void> {
    const { signal } = host;
    await Promise.all([
        host.namespaces.watch(signal, ({ type, object }) => onNamespace(host, parts, type, object.metadata.name)),
        host.sources.watch(signal, ({ type }) => {
            parts.subscriptions.sourcesChanged();
            if (type === "ADDED") {
                void inTheBackground(host.context, "catalog sources", () => parts.sources.sync());
            }
        }),
        host.crds.watch(signal, (change) => onCrd(host, parts, change), MANAGED),
    ]);
    await host.groups.watch(signal, ({ type, object }) => onGroup(parts, type, object.metadata.namespace!));
    await host.deployments.watch(signal, ({ object }) => onDeployment(host, parts, object), MANAGED);
    await host.csvs.watch(signal, (change) => onCsv(host, parts, change), NOT_COPIED);
    await host.copies.watch(signal, (change) => onCopy(parts, change), COPIED);
    await host.plans.watch(signal, ({ type, object }) => onPlan(host, parts, type, object));
    await host.subscriptions.watch(signal, (change) => onSubscription(host, parts, change));
}

function onNamespace(host: Olm, parts: Parts, type: Change["type"], name: string): void {
    if (type === "ADDED") {
        parts.copies.allChanged();
        if (name === CATALOG_NAMESPACE) {
            offer(host);
        }
    }
}

function onSubscription(host: Olm, parts: Parts, { type, object, before }: Change): void {
    const { namespace, name } = object.metadata;
    if (type === "DELETED") {
        void inTheBackground(host.context, `after ${name}`, () => collectSubscription(host, object));
        return;
    }
    if (type === "ADDED") {
        parts.subscriptions.added(object);
    } else if (before?.status?.installPlanRef?.name !== object.status?.installPlanRef?.name) {
        parts.subscriptions.planChanged(object);
    }
    parts.adoption.changed(object);
    if (!before || handMade(before) !== handMade(object)) {
        parts.resolution.touched(namespace!);
    } else {
        parts.resolution.settled(namespace!);
    }
}

/** Everything of a Subscription that is not our doing. */
function handMade({ metadata, spec }: KubeObject): string {
    const labels = Object.entries(metadata.labels ?? {}).filter(([key]) => !key.startsWith("operators.coreos.com/"));
    return JSON.stringify([metadata.uid, labels, metadata.annotations, spec]);
}

function onPlan(host: Olm, parts: Parts, type: Change["type"], plan: KubeObject): void {
    const { namespace, name } = plan.metadata;
    if (type !== "DELETED") {
        parts.plans.changed(keyOf(plan));
    }
    const referring = host.subscriptionsOf(namespace!).filter((s) => s.status?.installPlanRef?.name === name);
    referring.forEach((s) => parts.subscriptions.planChanged(s));
}

function onCsv(host: Olm, parts: Parts, { type, object }: Change): void {
    const { namespace, name } = object.metadata;
    parts.copies.originalChanged(object);
    parts.csvs.changed(namespace!, name);
    if (type === "ADDED") {
        parts.resolution.csvCreated(namespace!);
    }
    if (type === "DELETED") {
        parts.resolution.csvGone(namespace!);
        parts.groups.changed(namespace!);
        void inTheBackground(host.context, `after ${name}`, () => collectCsv(host, object));
    }
}

function onCopy(parts: Parts, { type, object }: Change): void {
    if (type !== "MODIFIED") {
        parts.copies.copyChanged(object);
    }
}

function onGroup(parts: Parts, type: Change["type"], namespace: string): void {
    if (type === "DELETED") {
        return;
    }
    parts.groups.changed(namespace);
    if (type === "ADDED") {
        parts.resolution.touched(namespace);
    }
}

function onDeployment(host: Olm, parts: Parts, { metadata }: KubeObject): void {
    const owner = metadata.labels?.["olm.owner"];
    if (owner) {
        parts.csvs.changed(metadata.namespace!, owner);
        host.subscriptionsOf(metadata.namespace!)
            .filter((s) => s.status?.installedCSV === owner)
            .forEach((s) => parts.adoption.changed(s));
    }
}

/** A CRD that comes is noticed; one that goes only by the timed look (recorded: olm l, i0). */
function onCrd(host: Olm, parts: Parts, { type, object }: Change): void {
    if (type === "DELETED") {
        return;
    }
    const needs = (csv: KubeObject) => {
        const { owned = [], required = [] } = csv.spec.customresourcedefinitions ?? {};
        return [...owned, ...required].some((entry: { name: string }) => entry.name === object.metadata.name);
    };
    host.csvs
        .all()
        .filter((csv) => csv.status?.phase === "Pending" && needs(csv))
        .forEach((csv) => parts.csvChanged(csv));
}

/** Brings catalogues and copies in line when their settings change while the lab runs. */
function followSettings(host: Olm, parts: Parts): void {
    const offered = () => JSON.stringify(host.packages());
    const rest = () => JSON.stringify([host.settings.catalog, host.settings.copiedCSVs]);
    let [packages, others] = [offered(), rest()];
    const timer = setInterval(() => {
        if (others !== rest()) {
            others = rest();
            parts.copies.allChanged();
            void inTheBackground(host.context, "catalog sources", () => parts.sources.sync());
        }
        if (packages !== offered()) {
            packages = offered();
            namespacesWithSubscriptions(host).forEach(parts.touched);
            offer(host);
        }
    }, SETTINGS_MS);
    host.signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}

function offer(host: Olm): void {
    const { kube } = host.context;
    void inTheBackground(host.context, "package manifests", () => writePackageManifests(kube, host.packages()));
}

function namespacesWithSubscriptions(host: Olm): string[] {
    return [...new Set(host.subscriptions.all().map((s) => s.metadata.namespace!))];
}

/** Does something again and again, as many real milliseconds apart as the setting says then; not when that is 0. */
function resync(context: StandInContext, setting: () => number, look: () => void): void {
    const loop = async () => {
        for (;;) {
            await Promise.all([context.delay(Math.max(setting(), SHORTEST_RESYNC_MS)), rest(context)]);
            if (setting() > 0 && context.settings().timeScale > 0) {
                look();
            }
        }
    };
    loop().catch(() => undefined);
}

/** So that a time scale of 0 does not make the loop spin. */
function rest(context: StandInContext): Promise<void> {
    return sleep(SETTINGS_MS, undefined, { signal: context.signal });
}

async function inTheBackground(context: StandInContext, what: string, work: () => Promise<void>): Promise<void> {
    try {
        await work();
    } catch (error) {
        if (!context.signal.aborted) {
            context.log(`${what}: ${(error as Error).message}`);
        }
    }
}
