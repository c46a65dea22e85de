import { isStatus, type Kube, type KubeObject, refOf } from "../../../kube";
import { CATALOG_NAMESPACE } from "./resolver";
import type { Package } from "./settings";

const KIND = { apiVersion: "packages.operators.coreos.com/v1", kind: "PackageManifest" };

/**
 * Writes what the catalogues offer as PackageManifests. The real ones are an aggregated, read-only API that shows them
 * in every namespace; here they are plain objects in the catalogues' namespace.
 */
export async function writePackageManifests(kube: Kube, packages: Package[]): Promise<void> {
    const wanted = new Map(packages.map((pkg) => manifestOf(pkg, packages)).map((m) => [m.metadata.name, m]));
    const present = await kube.list(KIND, { namespace: CATALOG_NAMESPACE });
    const gone = present.filter((m) => !wanted.has(m.metadata.name));
    await Promise.all(gone.map((m) => kube.delete(refOf({ ...m, ...KIND }))));
    await Promise.all([...wanted.values()].map((m) => write(kube, m, present)));
}

async function write(kube: Kube, manifest: KubeObject, present: KubeObject[]): Promise<void> {
    const there = present.find((m) => m.metadata.name === manifest.metadata.name);
    if (!there) {
        await kube.create(manifest).catch((error) => {
            if (!isStatus(error, 409)) {
                throw error;
            }
        });
    } else if (JSON.stringify(there.status) !== JSON.stringify(manifest.status)) {
        await kube.mergePatch(refOf(manifest), { status: null });
        await kube.mergePatch(refOf(manifest), { status: manifest.status });
    }
}

/** The PackageManifest of a package; a name that two catalogues offer gets the catalogue's name behind it. */
export function manifestOf(pkg: Package, packages: Package[]): KubeObject {
    const first = packages.find((p) => p.name === pkg.name);
    const name = first === pkg ? pkg.name : `${pkg.name}-${pkg.source}`;
    const publisher = pkg.source === "redhat-operators" ? "Red Hat" : "Community";
    const labels = {
        catalog: pkg.source,
        "catalog-namespace": CATALOG_NAMESPACE,
        provider: pkg.provider.replace(/[^A-Za-z0-9]+/g, "-").replace(/-$/, ""),
    };
    return {
        ...KIND,
        metadata: { name, namespace: CATALOG_NAMESPACE, labels },
        spec: {},
        status: {
            packageName: pkg.name,
            catalogSource: pkg.source,
            catalogSourceNamespace: CATALOG_NAMESPACE,
            catalogSourceDisplayName: `${publisher} Operators`,
            catalogSourcePublisher: publisher,
            provider: { name: pkg.provider },
            defaultChannel: pkg.defaultChannel,
            channels: Object.entries(pkg.channels).map(([channel, csvs]) => channelOf(pkg, channel, csvs)),
        },
    };
}

/** `csvs`: oldest first; the entries of a PackageManifest come newest first. */
function channelOf(pkg: Package, name: string, csvs: string[]): object {
    const versionOf = (csv: string) => pkg.bundles.find((b) => b.csv === csv)?.version;
    const currentCSV = csvs.at(-1)!;
    return {
        name,
        currentCSV,
        currentCSVDesc: {
            displayName: pkg.displayName ?? pkg.name,
            version: versionOf(currentCSV),
            provider: { name: pkg.provider },
            installModes: ["OwnNamespace", "SingleNamespace", "MultiNamespace", "AllNamespaces"].map((type) => ({
                type,
                supported: (pkg.installModes as string[]).includes(type),
            })),
        },
        entries: [...csvs].reverse().map((csv) => ({ name: csv, version: versionOf(csv) })),
    };
}
