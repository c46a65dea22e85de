import { setTimeout as sleep } from "node:timers/promises";
import { isStatus, type KubeObject } from "../../../kube";
import type { Settings } from "../../settings";
import { PREFIX } from "./bundle";
import type { Olm } from "./host";
import { CATALOG_NAMESPACE } from "./resolver";
import type { Package } from "./settings";

const NAMESPACE = "openshift-operators";
/** When this stand-in runs alone, nobody makes namespaces, nor pods Ready. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 50;

/** The packages that another team has installed before anyone comes. */
export function preinstalledPackages(settings: Settings): string[] {
    const jaeger = settings.seed.jaegerInstalled ? ["jaeger-product"] : [];
    return [...new Set([...settings.olm.preinstalled, ...jaeger])];
}

/** Another team's Subscription for a package, as they would have made it: theirs by label and annotation. */
export function preinstalledSubscription({ name, defaultChannel, source }: Package): KubeObject {
    const tracking = `platform:${PREFIX}/Subscription:${NAMESPACE}/${name}`;
    return {
        apiVersion: `${PREFIX}/v1alpha1`,
        kind: "Subscription",
        metadata: {
            name,
            namespace: NAMESPACE,
            labels: { "app.kubernetes.io/managed-by": "argocd", team: "platform" },
            annotations: { "argocd.argoproj.io/tracking-id": tracking },
        },
        spec: {
            name,
            channel: defaultChannel,
            source,
            sourceNamespace: CATALOG_NAMESPACE,
            installPlanApproval: "Automatic",
        },
    };
}

/** Makes their Subscriptions, unless there is one already, and waits until OLM has installed them like any other. */
export async function preinstall(olm: Olm): Promise<void> {
    const packages = preinstalledPackages(olm.context.settings()).map((name) => {
        const pkg = olm.packages().find((p) => p.name === name);
        if (!pkg) {
            throw new Error(`olm.preinstalled: no catalogue has a package ${name}`);
        }
        return pkg;
    });
    const ready = () => olm.groups.all(NAMESPACE).length > 0 && olm.sources.all().length > 0;
    if (packages.length > 0 && (await until(olm, ready))) {
        await Promise.all(packages.map((pkg) => subscribe(olm, preinstalledSubscription(pkg))));
        await until(olm, () => packages.every((pkg) => isInstalled(olm, pkg)));
    }
}

/** Looks only at what the watches have brought. False when patience ends. */
async function until(olm: Olm, isSo: () => boolean): Promise<boolean> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!isSo() && Date.now() < deadline) {
        await sleep(LOOK_MS, undefined, { signal: olm.signal });
    }
    return isSo();
}

function isInstalled(olm: Olm, { name }: Package): boolean {
    const subscription = olm.subscriptions.get(NAMESPACE, name);
    const plan = olm.plans.get(NAMESPACE, subscription?.status?.installPlanRef?.name ?? "");
    const csv = olm.csvs.get(NAMESPACE, subscription?.status?.installedCSV ?? "");
    return csv?.status?.phase === "Succeeded" && plan?.status?.phase === "Complete";
}

async function subscribe(olm: Olm, subscription: KubeObject): Promise<void> {
    try {
        await olm.context.kube.create(subscription);
    } catch (error) {
        if (!isStatus(error, 409)) {
            throw error;
        }
    }
}
