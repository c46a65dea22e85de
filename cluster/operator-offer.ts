import { didYouMean, keyOf, type Problem } from "../config/problems";
import type { OperatorConfig } from "../config/schema";
import type { OperatorSpec } from "../dialects";
import type { ClusterFacts, OfferFact, PackageFact } from "./facts";

/** A CatalogSource. */
export interface Source {
    source: string;
    sourceNamespace: string;
}

export function offerOf(found: PackageFact, { source, sourceNamespace }: Source): OfferFact | undefined {
    return found.offered?.find((o) => o.source === source && o.sourceNamespace === sourceNamespace);
}

/**
 * Whether the catalogue has what is asked for. What it has not, OLM says only in a condition, or never installs (trap
 * 9; recorded: olm g1, g2). Nothing is refused that is not known: an old cluster may not tell which versions a channel
 * has.
 */
export function checkOffer(
    operator: OperatorSpec,
    options: OperatorConfig,
    wanted: Source,
    found: PackageFact,
    facts: ClusterFacts,
): { problems: Problem[]; notes: string[] } {
    const key = (name: string): string => keyOf(["operators", operator.key, name]);
    const catalog = facts.catalogSources.find(
        (c) => c.name === wanted.source && c.namespace === wanted.sourceNamespace,
    );
    if (!catalog) {
        return { problems: [noCatalog(options, key("source"), wanted, facts)], notes: [] };
    }
    const bad = catalog.state !== undefined && !["READY", "IDLE", "CONNECTING"].includes(catalog.state);
    const notes = bad ? [`catalogue ${wanted.source} is ${catalog.state}: OLM may have to wait for it`] : [];
    if (found.offered === undefined) {
        return { problems: [], notes };
    }
    const offer = offerOf(found, wanted);
    if (!offer) {
        return { problems: [notOffered(operator, key("source"), wanted, found.offered)], notes };
    }
    const named = options.channel ?? offer.defaultChannel;
    const channel = offer.channels.find((c) => c.name === named);
    if (!channel) {
        const names = offer.channels.map((c) => c.name);
        const hint = options.channel ? didYouMean(options.channel, names) : undefined;
        return {
            problems: [{ key: key("channel"), found: named, allowed: `one of ${names.join(", ")}`, hint }],
            notes,
        };
    }
    const { startingCSV, approval } = options;
    if (startingCSV !== undefined && channel.complete && !channel.csvs.includes(startingCSV)) {
        const elsewhere = offer.channels.filter((c) => c.csvs.includes(startingCSV)).map((c) => c.name);
        const hint = elsewhere.length
            ? `it is in channel ${elsewhere.join(", ")}`
            : didYouMean(startingCSV, channel.csvs);
        const allowed = `channel ${named} offers ${channel.csvs.join(", ")}`;
        return { problems: [{ key: key("startingCSV"), found: startingCSV, allowed, hint }], notes };
    }
    if (startingCSV !== undefined && approval === "Automatic" && startingCSV !== channel.currentCSV) {
        const stay = `mesh:operators.${operator.key}.approval Manual keeps it`;
        notes.push(`${operator.package}: OLM upgrades ${startingCSV} to ${channel.currentCSV} at once; ${stay}`);
    }
    return { problems: [], notes };
}

function noCatalog(options: OperatorConfig, key: string, wanted: Source, facts: ClusterFacts): Problem {
    const there = facts.catalogSources.map((c) => `${c.namespace}/${c.name}`);
    return {
        key: options.source ? key : keyOf(["catalog", "source"]),
        found: `${wanted.sourceNamespace}/${wanted.source}`,
        allowed: there.length ? `one of ${there.join(", ")}` : "a CatalogSource; this cluster has none",
    };
}

function notOffered(operator: OperatorSpec, key: string, wanted: Source, offers: OfferFact[]): Problem {
    const others = offers.map((o) => o.source);
    return {
        key,
        found: wanted.source,
        allowed: others.length ? `a catalogue that offers it: ${others.join(", ")}` : "a catalogue that offers it",
        text: `${wanted.source} offers no ${operator.package}`,
        hint: others.length
            ? `${others.join(", ")} does; to accept that, name it here`
            : "no catalogue of this cluster does",
    };
}
