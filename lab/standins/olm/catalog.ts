import { type OlmSettings, type Package, type PackageInput, packageSchema } from "./settings";

const RED_HAT: PackageInput[] = [
    {
        name: "elasticsearch-operator",
        displayName: "Elasticsearch Operator",
        defaultChannel: "4.5",
        channels: { "4.5": ["elasticsearch-operator.4.5.0-202008100413.p0"] },
        bundles: [{ csv: "elasticsearch-operator.4.5.0-202008100413.p0", version: "4.5.0-202008100413.p0" }],
        deployment: "elasticsearch-operator",
        provides: [{ group: "logging.openshift.io", version: "v1", kind: "Elasticsearch", plural: "elasticsearches" }],
        // ES@release-4.5: OwnNamespace and AllNamespaces.
        installModes: ["OwnNamespace", "SingleNamespace", "AllNamespaces"],
    },
    {
        name: "jaeger-product",
        displayName: "Red Hat OpenShift Jaeger",
        channels: { stable: ["jaeger-operator.v1.17.4"] },
        bundles: [{ csv: "jaeger-operator.v1.17.4", version: "1.17.4" }],
        deployment: "jaeger-operator",
        provides: [{ group: "jaegertracing.io", version: "v1", kind: "Jaeger", plural: "jaegers" }],
    },
    {
        name: "kiali-ossm",
        displayName: "Kiali Operator",
        channels: { stable: ["kiali-operator.v1.12.7", "kiali-operator.v1.12.15"] },
        bundles: [
            { csv: "kiali-operator.v1.12.7", version: "1.12.7" },
            { csv: "kiali-operator.v1.12.15", version: "1.12.15", replaces: "kiali-operator.v1.12.7" },
        ],
        deployment: "kiali-operator",
        provides: [
            { group: "kiali.io", version: "v1alpha1", kind: "Kiali", plural: "kialis" },
            {
                group: "monitoring.kiali.io",
                version: "v1alpha1",
                kind: "MonitoringDashboard",
                plural: "monitoringdashboards",
            },
        ],
    },
    {
        name: "servicemeshoperator",
        displayName: "Red Hat OpenShift Service Mesh",
        channels: {
            stable: ["servicemeshoperator.v1.1.6", "servicemeshoperator.v1.1.7"],
            "1.0": ["servicemeshoperator.v1.1.6", "servicemeshoperator.v1.1.7"],
        },
        bundles: [
            {
                csv: "servicemeshoperator.v1.1.6",
                version: "1.1.6",
                replaces: "servicemeshoperator.v1.1.5",
                skipRange: { from: "1.0.2", below: "1.1.6" },
            },
            {
                // IO@maistra-1.1.7: manifests-servicemesh/1.1.7, olm.skipRange ">=1.0.2 <1.1.7"; no required CRDs.
                csv: "servicemeshoperator.v1.1.7",
                version: "1.1.7",
                replaces: "servicemeshoperator.v1.1.6",
                skipRange: { from: "1.0.2", below: "1.1.7" },
            },
        ],
        deployment: "istio-operator",
        provides: [
            { group: "maistra.io", version: "v1", kind: "ServiceMeshControlPlane", plural: "servicemeshcontrolplanes" },
            { group: "maistra.io", version: "v1", kind: "ServiceMeshMemberRoll", plural: "servicemeshmemberrolls" },
            { group: "maistra.io", version: "v1", kind: "ServiceMeshMember", plural: "servicemeshmembers" },
        ],
    },
    {
        name: "web-terminal",
        displayName: "Web Terminal",
        defaultChannel: "fast",
        channels: { fast: ["web-terminal.v1.0.1"] },
        bundles: [{ csv: "web-terminal.v1.0.1", version: "1.0.1" }],
        deployment: "web-terminal-controller",
        provides: [
            { group: "workspace.devfile.io", version: "v1alpha1", kind: "DevWorkspace", plural: "devworkspaces" },
        ],
    },
];

/** A Community operator of Kiali's very name, which must not be picked by mistake (scenario, step 1). */
const COMMUNITY: PackageInput[] = [
    {
        name: "kiali",
        source: "community-operators",
        displayName: "Kiali Operator",
        provider: "Kiali",
        defaultChannel: "alpha",
        channels: { alpha: ["kiali-operator.v1.24.0"], stable: ["kiali-operator.v1.24.0"] },
        bundles: [{ csv: "kiali-operator.v1.24.0", version: "1.24.0" }],
        deployment: "kiali-operator",
        provides: [{ group: "kiali.io", version: "v1alpha1", kind: "Kiali", plural: "kialis" }],
    },
];

const ABSENT = { group: "absent.example.com", version: "v1", kind: "AbsentThing", plural: "absentthings" };

/** The three odd packages of recordings i, i0 and h1: never available, a hidden and a declared missing requirement. */
const TEST_PACKAGES: PackageInput[] = [
    oddPackage("never", "Never"),
    { ...oddPackage("hidden", "Hidden"), requires: [{ ...ABSENT, declared: false }] },
    { ...oddPackage("needer", "Needer"), requires: [{ ...ABSENT, declared: true }] },
];

function oddPackage(word: string, kind: string): PackageInput {
    const csv = `${word}-operator.v1.0.0`;
    return {
        name: `${word}-operator`,
        channels: { stable: [csv] },
        bundles: [{ csv, version: "1.0.0" }],
        deployment: `${word}-operator`,
        provides: [{ group: "fake.example.com", version: "v1", kind, plural: `${word}s` }],
    };
}

/** Everything on offer under these settings, removed versions taken out of channels and bundles. */
export function packagesOf(settings: OlmSettings): Package[] {
    const ours = [...RED_HAT, ...COMMUNITY, ...(settings.testPackages ? TEST_PACKAGES : [])].map((p) =>
        packageSchema.parse(p),
    );
    const replaced = new Set(settings.extraPackages.map(keyOf));
    return [...ours.filter((p) => !replaced.has(keyOf(p))), ...settings.extraPackages].map((p) =>
        withoutVersions(p, new Set(settings.removedVersions)),
    );
}

/** The package and the version that a CSV belongs to. */
export function findBundle(packages: Package[], csv: string, source?: string) {
    for (const pkg of packages) {
        const bundle = pkg.bundles.find((b) => b.csv === csv);
        if (bundle && (source === undefined || pkg.source === source)) {
            return { pkg, bundle };
        }
    }
    return undefined;
}

/** Compares versions number by number; what is no number is compared as text. */
export function compareVersions(a: string, b: string): number {
    const [left, right] = [a, b].map((v) => v.split(/[.-]/));
    for (let i = 0; i < Math.max(left.length, right.length); i++) {
        const [x, y] = [left[i] ?? "0", right[i] ?? "0"];
        const order = /^\d+$/.test(x) && /^\d+$/.test(y) ? Number(x) - Number(y) : x.localeCompare(y);
        if (order !== 0) {
            return order;
        }
    }
    return 0;
}

function withoutVersions(pkg: Package, removed: Set<string>): Package {
    const channels = Object.entries(pkg.channels)
        .map(([name, csvs]) => [name, csvs.filter((csv) => !removed.has(csv))] as const)
        .filter(([, csvs]) => csvs.length > 0);
    return {
        ...pkg,
        channels: Object.fromEntries(channels),
        bundles: pkg.bundles.filter((b) => !removed.has(b.csv)),
    };
}

function keyOf(pkg: { name: string; source?: string }): string {
    return `${pkg.source ?? "redhat-operators"}/${pkg.name}`;
}
