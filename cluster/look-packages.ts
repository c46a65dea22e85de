import type { KubeObject } from "../kube";
import { type CsvFact, MARK, type OfferFact, type PackageFact, type SubscriptionFact } from "./facts";
import { isCopy } from "./verdicts/csv";

export interface WantedPackage {
    package: string;
    namespace: string;
    /**
     * What the names of its CSVs begin with: "kiali-operator." Older OLM leaves no other trace of the package on them.
     */
    csvPrefix?: string;
}

interface OlmObjects {
    subscriptions: KubeObject[];
    csvs: KubeObject[];
    manifests: KubeObject[];
}

/** What there is of each package, in any namespace, and what the catalogues offer of it. */
export function packageFacts(
    wanted: WantedPackage[],
    found: OlmObjects,
    offersKnown: boolean,
): Record<string, PackageFact> {
    return Object.fromEntries(
        wanted.map((want) => {
            const subscriptions = found.subscriptions
                .filter((s) => s.spec?.name === want.package)
                .map(subscriptionFact);
            const offered = found.manifests.filter((m) => nameOf(m) === want.package).map(offerFact);
            const csvs = found.csvs
                .filter((c) => !isCopy(c) && belongs(c, want, subscriptions, offered))
                .map((c) => csvFact(c, otherPackage(c, want.package, found.subscriptions)));
            // Not served, or not readable: nothing is known, which is not the same as nothing being offered.
            const known = offersKnown && (offered.length > 0 || found.manifests.length > 0);
            return [want.package, { subscriptions, csvs, ...(known ? { offered: distinct(offered) } : {}) }];
        }),
    );
}

function subscriptionFact(object: KubeObject): SubscriptionFact {
    const { namespace = "", name, annotations } = object.metadata;
    const { channel, source, sourceNamespace, startingCSV, installPlanApproval } = object.spec ?? {};
    const { currentCSV, installedCSV } = object.status ?? {};
    const mark = annotations?.[MARK];
    const approval = installPlanApproval;
    return { namespace, name, channel, source, sourceNamespace, startingCSV, approval, currentCSV, installedCSV, mark };
}

function csvFact(csv: KubeObject, other: string | undefined): CsvFact {
    const { namespace = "", name, deletionTimestamp } = csv.metadata;
    const { phase = "", reason, message } = csv.status ?? {};
    return {
        namespace,
        name,
        phase,
        reason,
        message,
        version: csv.spec?.version,
        deleting: deletionTimestamp !== undefined,
        ...(other === undefined ? {} : { otherPackage: other }),
    };
}

/** OLM labels a CSV with "<package>.<namespace>"; before it did, a Subscription that installed it tells. */
function otherPackage(csv: KubeObject, wanted: string, subscriptions: KubeObject[]): string | undefined {
    const { namespace = "", name, labels = {} } = csv.metadata;
    const labelled = Object.keys(labels).flatMap(
        (label) => /^operators\.coreos\.com\/(.+)\.[^.]+$/.exec(label)?.[1] ?? [],
    );
    const subscribed = subscriptions
        .filter((s) => s.metadata.namespace === namespace && s.status?.installedCSV === name)
        .map((s) => s.spec?.name as string);
    const packages = [...labelled, ...subscribed];
    return packages.includes(wanted) ? undefined : packages[0];
}

/** A CSV does not name its package; what does, depends on OLM's age (recorded: olm a, b; older ones put no label). */
function belongs(
    csv: KubeObject,
    want: WantedPackage,
    subscriptions: SubscriptionFact[],
    offers: OfferFact[],
): boolean {
    const { name, labels = {}, annotations = {} } = csv.metadata;
    const label = Object.keys(labels).some((l) => l.startsWith(`operators.coreos.com/${want.package}.`));
    const property =
        annotations["operatorframework.io/properties"]?.includes(`"packageName":"${want.package}"`) ?? false;
    const subscribed = subscriptions.some((s) => s.installedCSV === name || s.currentCSV === name);
    const offered = offers.some((o) => o.channels.some((c) => c.csvs.includes(name)));
    const named = want.csvPrefix !== undefined && name.startsWith(want.csvPrefix);
    return label || property || subscribed || offered || named;
}

function nameOf(manifest: KubeObject): string {
    return manifest.status?.packageName ?? manifest.metadata.name;
}

function offerFact(manifest: KubeObject): OfferFact {
    const { catalogSource, catalogSourceNamespace, defaultChannel, channels = [] } = manifest.status ?? {};
    return {
        source: catalogSource,
        sourceNamespace: catalogSourceNamespace,
        defaultChannel: defaultChannel ?? (channels.length === 1 ? channels[0].name : ""),
        channels: channels.map((c: { name: string; currentCSV: string; entries?: { name: string }[] }) => {
            const csvs = (c.entries ?? []).map((e) => e.name);
            return {
                name: c.name,
                currentCSV: c.currentCSV,
                csvs: csvs.length ? csvs : [c.currentCSV],
                complete: csvs.length > 0,
            };
        }),
    };
}

/** The same offer is listed once for each namespace that sees the catalogue. */
function distinct(offers: OfferFact[]): OfferFact[] {
    return [...new Map(offers.map((o) => [`${o.sourceNamespace}/${o.source}`, o])).values()];
}
