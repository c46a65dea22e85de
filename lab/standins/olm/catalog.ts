import type { OpenShiftVersion } from "../../openshift";
import { RED_HAT_3 } from "./catalog-3";
import { RED_HAT_418 } from "./catalog-418";
import { RED_HAT_45 } from "./catalog-45";
import { type OlmSettings, type Package, type PackageInput, packageSchema } from "./settings";

const RED_HAT: Record<OpenShiftVersion, PackageInput[]> = {
    "4.5": RED_HAT_45,
    "4.18": [...RED_HAT_418, ...RED_HAT_3],
};

/** Another team's, on every OpenShift. */
const WEB_TERMINAL: PackageInput[] = [
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

/** Everything on offer in an OpenShift under these settings, removed versions taken out of channels and bundles. */
export function packagesOf(settings: OlmSettings, openshift: OpenShiftVersion = "4.5"): Package[] {
    const odd = settings.testPackages ? TEST_PACKAGES : [];
    const ours = [...RED_HAT[openshift], ...WEB_TERMINAL, ...COMMUNITY, ...odd].map((p) => packageSchema.parse(p));
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
