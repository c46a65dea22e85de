/** The Istio versions of one release of the operator. */
interface Release {
    /** The last of its patch releases of which this is known. */
    patch: number;
    versions: string[];
}

const patches = (minor: string, ...numbers: number[]): string[] => [
    ...numbers.map((patch) => `${minor}.${patch}`),
    `${minor}-latest`,
];

const V1_24 = patches("v1.24", 6, 5, 4, 3);
const V1_26 = patches("v1.26", 8, 6, 4, 3, 2);
const V1_27 = patches("v1.27", 9, 8, 5, 3);
const V1_28 = patches("v1.28", 10, 8, 6, 5, 4);
const V1_30 = patches("v1.30", 3, 1);

/** openshift-service-mesh/sail-operator, release-3.0 to release-3.4: api/v1/istio_types.go and bundle/manifests. */
const RELEASES: Record<string, Release> = {
    "3.0": { patch: 15, versions: V1_24 },
    "3.1": { patch: 12, versions: [...V1_26, ...V1_24] },
    "3.2": { patch: 9, versions: [...V1_27, ...V1_26, ...V1_24] },
    "3.3": { patch: 7, versions: [...V1_28, ...V1_27, ...V1_26] },
    "3.4": { patch: 2, versions: [...V1_30, ...V1_28, ...V1_27, ...V1_26] },
};

/**
 * The versions that a release of the operator takes, by its CSV's name; undefined for one that came out later. An earlier
 * patch release takes fewer: its own CRD says which.
 */
export function versionsOf(csv: string): string[] | undefined {
    const [, minor, patch] = /^servicemeshoperator3\.v(\d+\.\d+)\.(\d+)/.exec(csv) ?? [];
    const release = minor === undefined ? undefined : RELEASES[minor];
    return release !== undefined && Number(patch) <= release.patch ? release.versions : undefined;
}

/** The newest version of the operator that is asked for, by its CSV or its channel; undefined where that is left open. */
export function newestOf({ channel, startingCSV }: { channel?: string; startingCSV?: string }): string | undefined {
    const [, minor] = /^(?:servicemeshoperator3\.v|stable-)(\d+\.\d+)/.exec(startingCSV ?? channel ?? "") ?? [];
    return minor === undefined ? undefined : RELEASES[minor]?.versions[0];
}
