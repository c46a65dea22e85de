/** The Istio versions of one release of the Sail operator; the first concrete one is its default. */
export interface SailRelease {
    /** spec.version of Istio and IstioCNI, aliases included, in the CRD's order. */
    offered: readonly string[];
    default: string;
}

const V1_24 = ["v1.24-latest", "v1.24.6", "v1.24.5", "v1.24.4", "v1.24.3"];
const V1_26 = ["v1.26-latest", "v1.26.8", "v1.26.6", "v1.26.4", "v1.26.3", "v1.26.2"];
const V1_27 = ["v1.27-latest", "v1.27.9", "v1.27.8", "v1.27.5", "v1.27.3"];

/** By minor version of the operator (openshift-service-mesh/sail-operator, release-3.1 and 3.2: api/v1/istio_types.go). */
export const SAIL_RELEASES: Record<string, SailRelease> = {
    "3.1": { offered: [...V1_26, ...V1_24], default: "v1.26.8" },
    "3.2": { offered: [...V1_27, ...V1_26, ...V1_24], default: "v1.27.9" },
};

/** The release that a CSV is of, as "servicemeshoperator3.v3.1.12"; for any other name the newest. */
export function sailReleaseOf(csvName: string): SailRelease {
    const minor = /\.v(\d+\.\d+)\./.exec(csvName)?.[1] ?? "";
    return SAIL_RELEASES[minor] ?? SAIL_RELEASES["3.2"];
}

export function isAlias(version: string): boolean {
    return version.endsWith("-latest");
}

/** The version that an alias stands for: "v1.26-latest" is v1.26.8. Others stand for themselves. */
export function concreteVersion(version: string): string {
    if (!isAlias(version)) {
        return version;
    }
    const { offered } = SAIL_RELEASES["3.2"];
    return offered[offered.indexOf(version) + 1] ?? version;
}
