/** What differs between the operators 2.x. */
export interface Release {
    operator: string;
    /** Versions of control planes that it makes, oldest first, and of the charts that each is made from. */
    charts: Record<string, string>;
    /** Versions that it knows and does not make any more. */
    dropped: string[];
    /** Who makes the configurations of its webhooks: up to 2.5 itself, at its start. */
    webhooks: "operator" | "olm";
    /**
     * The CNI plugin's account and binding have their old name too, "istio-cni", which is in the way of Service Mesh
     * 3's (traps, 48). From 2.6 on only for versions that nobody here asks for (maistra/istio-operator, pull request
     * 1807).
     */
    oldCniName: boolean;
    /** From which version on a control plane that says nothing of tracing has none. */
    tracingOffFrom?: string;
}

/**
 * 2.5.1 is as recorded (which versions it takes: M5b; charts of v2.4: M5d; the others' last digits are made up). Of
 * 2.6.8 the documentation says that tracing is off by default and maistra/maistra-test-tool (olm_webhooks_test.go) that
 * OLM has its webhooks; which versions it takes is inferred: one more, and one fewer.
 */
const RELEASES: readonly Release[] = [
    {
        operator: "2.5.1",
        charts: { "v2.2": "2.2.12", "v2.3": "2.3.11", "v2.4": "2.4.7", "v2.5": "2.5.1" },
        dropped: ["v1.1", "v2.0", "v2.1"],
        webhooks: "operator",
        oldCniName: true,
    },
    {
        operator: "2.6.8",
        charts: { "v2.3": "2.3.16", "v2.4": "2.4.14", "v2.5": "2.5.11", "v2.6": "2.6.8" },
        dropped: ["v1.1", "v2.0", "v2.1", "v2.2"],
        webhooks: "olm",
        oldCniName: false,
        tracingOffFrom: "v2.6",
    },
];

/** The release that an operator's image holds, by its tag; one that the lab does not know is taken for the newest. */
export function releaseOf(image: string): Release {
    const tag = /:(\d+\.\d+\.\d+)/.exec(image)?.[1] ?? "";
    return RELEASES.find(({ operator }) => operator === tag) ?? RELEASES[RELEASES.length - 1];
}

export function supportedVersions(release: Release): string[] {
    return Object.keys(release.charts);
}

export function newestVersion(release: Release): string {
    return supportedVersions(release).at(-1)!;
}

/** Whether a version ("v2.5") is this one or a later one. */
export function atLeast(version: string, other: string): boolean {
    const [a, b] = [version, other].map((text) => text.slice(1).split(".").map(Number));
    return a[0] !== b[0] ? a[0] > b[0] : a[1] >= b[1];
}
