import type { KubeObject } from "../../../kube";
import { compareVersions } from "./catalog";
import { packageOf, providedBy, sameApi } from "./csv-properties";
import type { Api, Bundle, Package } from "./settings";

/** One namespace, as a resolution pass sees it. Copied CSVs are no part of it. */
export interface Picture {
    namespace: string;
    subscriptions: KubeObject[];
    csvs: KubeObject[];
    packages: Package[];
}

export interface Pick {
    pkg: Package;
    bundle: Bundle;
    channel: string;
}

export type Resolution =
    | { is: "solved"; install: Pick[]; updates: { subscription: KubeObject; csv: string }[] }
    /** Several texts when the solver names now this, now that smallest contradiction (recorded: olm h1, h2). */
    | { is: "unsatisfiable"; messages: string[] };

interface Option {
    id: string;
    csv: string;
    /** Absent when the option is what is installed already. */
    pick?: Pick;
}

interface Wish {
    subscription: KubeObject;
    options: Option[];
}

export const CATALOG_NAMESPACE = "openshift-marketplace";

/** What one resolution pass of a namespace decides; the words are OLM's own (recorded: olm c, d3, f2, g, h, i). */
export function resolve(picture: Picture): Resolution {
    for (const subscription of picture.subscriptions) {
        const invalid = whyInvalid(subscription, picture.packages);
        if (invalid) {
            return unsatisfiable([[invalid, exists(subscription)]]);
        }
    }
    const wishes = picture.subscriptions.map((s) => ({ subscription: s, options: optionsOf(s, picture) }));
    const contradiction = missingDependency(wishes, picture) ?? orphanConflict(wishes, picture) ?? disagreement(wishes);
    return contradiction ?? solve(wishes, picture);
}

/** It has a plan that is not carried out yet: no reason for a new pass (OLM: catalog/operator.go, nothingToUpdate). */
export function waitsForPlan(subscription: KubeObject): boolean {
    const status = subscription.status ?? {};
    return status.installPlanRef !== undefined && status.state === "UpgradePending";
}

function whyInvalid(subscription: KubeObject, packages: Package[]): string | undefined {
    const { name: packageName, source, sourceNamespace, startingCSV } = subscription.spec;
    const by = `referenced by subscription ${subscription.metadata.name}`;
    const offered = sourceNamespace === CATALOG_NAMESPACE ? packages.filter((p) => p.source === source) : [];
    if (offered.length === 0) {
        return `no operators found from catalog ${source} in namespace ${sourceNamespace} ${by}`;
    }
    const pkg = offered.find((p) => p.name === packageName);
    if (!pkg) {
        return `no operators found in package ${packageName} in the catalog ${by}`;
    }
    const channel = subscription.spec.channel || pkg.defaultChannel;
    const csvs = pkg.channels[channel];
    if (!csvs) {
        return `no operators found in channel ${channel} of package ${packageName} in the catalog ${by}`;
    }
    if (startingCSV && !subscription.status?.installedCSV && !csvs.includes(startingCSV)) {
        const where = `in channel ${channel} of package ${packageName} in the catalog`;
        return `no operators found with name ${startingCSV} ${where} ${by}`;
    }
    return undefined;
}

function optionsOf(subscription: KubeObject, picture: Picture): Option[] {
    const { name, source, sourceNamespace, startingCSV } = subscription.spec;
    const pkg = picture.packages.find((p) => p.name === name && p.source === source)!;
    const channel = subscription.spec.channel || pkg.defaultChannel;
    const current = picture.csvs.find((csv) => csv.metadata.name === subscription.status?.installedCSV);
    const newestFirst = [...(pkg.channels[channel] ?? [])].reverse();
    const wanted = newestFirst
        .map((csv) => pkg.bundles.find((b) => b.csv === csv)!)
        .filter((b) => (current ? canReplace(b, current) : !startingCSV || b.csv === startingCSV));
    const options: Option[] = wanted.map((bundle) => ({
        id: `${source}/${sourceNamespace}/${channel}/${bundle.csv}`,
        csv: bundle.csv,
        // OLM writes into the new CSV what it really replaces, which skipRange makes another than the bundle says.
        pick: { pkg, bundle: current ? { ...bundle, replaces: current.metadata.name } : bundle, channel },
    }));
    if (current) {
        options.push({ id: existingId(current), csv: current.metadata.name });
    }
    return options;
}

function canReplace(bundle: Bundle, current: KubeObject): boolean {
    const version = current.spec.version as string;
    const range = bundle.skipRange;
    const skips =
        range !== undefined && compareVersions(version, range.from) >= 0 && compareVersions(version, range.below) < 0;
    return bundle.replaces === current.metadata.name || skips;
}

function missingDependency(wishes: Wish[], picture: Picture): Resolution | undefined {
    for (const { subscription, options } of wishes) {
        const lacking = options.map((option) => option.pick && missingApi(option.pick, picture));
        if (lacking.length > 0 && lacking.every((api) => api !== undefined)) {
            const bundles = options.map(
                (option, i) =>
                    `bundle ${option.csv} requires an operator providing an API with group: ${lacking[i]!.group}, ` +
                    `version: ${lacking[i]!.version}, kind: ${lacking[i]!.kind}`,
            );
            return unsatisfiable([[...bundles, exists(subscription), requires(subscription, options)]]);
        }
    }
    return undefined;
}

function missingApi(pick: Pick, picture: Picture): Api | undefined {
    const provided = [...picture.csvs.flatMap(providedBy), ...picture.packages.flatMap((p) => p.provides)];
    return pick.pkg.requires.find((need) => need.declared && !provided.some((api) => sameApi(api, need)));
}

/** An existing CSV that no Subscription has as its installed one excludes every other of its package, or its APIs. */
function orphanConflict(wishes: Wish[], picture: Picture): Resolution | undefined {
    const referenced = new Set(picture.subscriptions.map((s) => s.status?.installedCSV));
    for (const orphan of picture.csvs.filter((csv) => !referenced.has(csv.metadata.name))) {
        for (const { subscription, options } of wishes) {
            const samePackage = packageOf(orphan) === subscription.spec.name;
            const { name, source } = subscription.spec;
            const pkg = picture.packages.find((p) => p.name === name && p.source === source);
            const shared = providedBy(orphan).find((api) => pkg?.provides.some((other) => sameApi(api, other)));
            if (!samePackage && !shared) {
                continue;
            }
            const both = listing([existingId(orphan), ...options.map((o) => o.id)].sort(), "and");
            const rest = [
                `clusterserviceversion ${orphan.metadata.name} exists and is not referenced by a subscription`,
                exists(subscription),
                requires(subscription, options),
            ];
            const reasons = [
                ...(samePackage ? [`${both} originate from package ${subscription.spec.name}`] : []),
                ...(shared ? [`${both} provide ${shared.kind} (${shared.group}/${shared.version})`] : []),
            ];
            return unsatisfiable(reasons.map((reason) => [reason, ...rest]));
        }
    }
    return undefined;
}

/** Several Subscriptions of one package are content when one version suits them all (recorded: olm f1). */
function disagreement(wishes: Wish[]): Resolution | undefined {
    for (const { subscription } of wishes) {
        const same = wishes.filter((w) => w.subscription.spec.name === subscription.spec.name);
        const agreed = same[0].options.some(({ id }) => same.every((w) => w.options.some((o) => o.id === id)));
        if (!agreed) {
            const ids = [...new Set(same.flatMap((w) => w.options.map((o) => o.id)))].sort();
            const parts = same.flatMap((w) => [exists(w.subscription), requires(w.subscription, w.options)]);
            const clash = `${listing(ids, "and")} originate from package ${subscription.spec.name}`;
            return unsatisfiable([[clash, ...parts]]);
        }
    }
    return undefined;
}

function solve(wishes: Wish[], picture: Picture): Resolution {
    const install = new Map<string, Pick>();
    const updates: { subscription: KubeObject; csv: string }[] = [];
    for (const { subscription, options } of wishes) {
        const same = wishes.filter((w) => w.subscription.spec.name === subscription.spec.name);
        const choice = options.find(
            (option) =>
                same.every((w) => w.options.some((o) => o.id === option.id)) &&
                !(option.pick && missingApi(option.pick, picture)),
        );
        if (!choice) {
            continue;
        }
        if (choice.pick && !picture.csvs.some((csv) => csv.metadata.name === choice.csv)) {
            install.set(choice.csv, choice.pick);
            dependenciesOf(choice.pick, picture).forEach((pick) => install.set(pick.bundle.csv, pick));
        }
        if (subscription.status?.currentCSV !== choice.csv) {
            updates.push({ subscription, csv: choice.csv });
        }
    }
    return { is: "solved", install: [...install.values()], updates };
}

function dependenciesOf(pick: Pick, picture: Picture): Pick[] {
    const present = picture.csvs.flatMap(providedBy);
    return pick.pkg.requires
        .filter((need) => need.declared && !present.some((api) => sameApi(api, need)))
        .flatMap((need) => {
            const pkg = picture.packages.find((p) => p.provides.some((api) => sameApi(api, need)));
            const csv = pkg?.channels[pkg.defaultChannel]?.at(-1);
            const bundle = pkg?.bundles.find((b) => b.csv === csv);
            return pkg && bundle ? [{ pkg, bundle, channel: pkg.defaultChannel }] : [];
        });
}

function existingId(csv: KubeObject): string {
    return `@existing/${csv.metadata.namespace}//${csv.metadata.name}`;
}

function exists(subscription: KubeObject): string {
    return `subscription ${subscription.metadata.name} exists`;
}

function requires(subscription: KubeObject, options: Option[]): string {
    const several = options.length > 1 ? "at least one of " : "";
    const choice = listing(
        options.map((o) => o.id),
        "or",
    );
    return `subscription ${subscription.metadata.name} requires ${several}${choice}`;
}

function listing(items: string[], word: string): string {
    return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} ${word} ${items.at(-1)}`;
}

function unsatisfiable(reasons: string[][]): Resolution {
    return {
        is: "unsatisfiable",
        messages: reasons.map((parts) => `constraints not satisfiable: ${[...parts].sort().join(", ")}`),
    };
}
