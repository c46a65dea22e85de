import type { KubeObject } from "../../kube";
import { called, failed, ready, type Snapshot, type Verdict, waiting } from "../verdict";

export const BUILD_NAMES = ["builds", "imageStreams"] as const;
export type BuildSnapshot = Snapshot<(typeof BUILD_NAMES)[number]>;

export interface BuildWant {
    namespace: string;
    /** The BuildConfig. */
    name: string;
    /** Where its image goes. */
    imageStream: string;
    tag: string;
}

export interface BuildReady {
    /** The Build that made the image. */
    build: string;
}

/** Phases that end a Build (openshift/api, build/v1, BuildPhase); Complete is the one that leaves an image. */
const ENDED_BADLY = ["Failed", "Error", "Cancelled"];

/**
 * Whether a BuildConfig's image is there: a Build is Complete and the ImageStream has the tag. A later Build that failed
 * changes nothing about that image. Builds go on by themselves until they end; one that has ended badly is started again
 * only by a person.
 */
export function judgeBuild(seen: BuildSnapshot, want: BuildWant): Verdict<BuildReady> {
    const builds = seen.builds.filter((b) => isOf(b, want)).sort((a, b) => numberOf(b) - numberOf(a));
    const [newest] = builds;
    const complete = builds.find((b) => b.status?.phase === "Complete");
    if (complete && hasTag(seen, want)) {
        const later = newest !== complete ? `; ${newest.metadata.name} is ${newest.status?.phase ?? "New"}` : "";
        return ready({ build: complete.metadata.name }, `${complete.metadata.name}: Complete${later}`);
    }
    const look = [`oc logs -f buildconfig/${want.name} -n ${want.namespace}`];
    if (complete) {
        return waiting(`${complete.metadata.name}: Complete, and no image at ${want.imageStream}:${want.tag} yet`, [
            `oc get imagestream ${want.imageStream} -n ${want.namespace} -o yaml`,
        ]);
    }
    if (!newest) {
        return waiting(`BuildConfig ${want.name}: no build has begun`, [
            "OpenShift's build controller starts it; where it does not, start it by hand:",
            `  oc start-build ${want.name} -n ${want.namespace}`,
        ]);
    }
    const phase: string = newest.status?.phase ?? "New";
    if (ENDED_BADLY.includes(phase)) {
        return failed({
            object: called("Build", newest.metadata),
            found: phase,
            expected: "Complete",
            said: saidBy(newest),
            by: "the build",
            todo: [
                "Its whole log, and another try once the cause is gone:",
                `  oc logs build/${newest.metadata.name} -n ${want.namespace}`,
                `  oc start-build ${want.name} -n ${want.namespace}`,
            ],
        });
    }
    // A build that cannot begin says why while it waits, e.g. InvalidOutputReference.
    return waiting([`${newest.metadata.name}: ${phase}`, saidBy(newest)].filter(Boolean).join(", "), look);
}

/** Long names are cut in the label; the annotation has them in full (openshift/build-controller, build_generator.go). */
function isOf(build: KubeObject, want: BuildWant): boolean {
    const { namespace, labels, annotations } = build.metadata;
    const name = annotations?.["openshift.io/build-config.name"] ?? labels?.buildconfig;
    return namespace === want.namespace && name === want.name && !build.metadata.deletionTimestamp;
}

function numberOf(build: KubeObject): number {
    const given = build.metadata.annotations?.["openshift.io/build.number"] ?? /-(\d+)$/.exec(build.metadata.name)?.[1];
    return Number(given ?? 0);
}

function hasTag(seen: BuildSnapshot, want: BuildWant): boolean {
    const stream = seen.imageStreams.find(
        (s) => s.metadata.name === want.imageStream && s.metadata.namespace === want.namespace,
    );
    const tags: { tag: string; items?: unknown[] | null }[] = stream?.status?.tags ?? [];
    return tags.some((t) => t.tag === want.tag && (t.items ?? []).length > 0);
}

/** "DockerBuildFailed: Dockerfile build strategy has failed.", and the end of its log. */
function saidBy(build: KubeObject): string {
    const { reason, message, logSnippet } = build.status ?? {};
    const log = String(logSnippet ?? "")
        .split("\n")
        .map((line) => line.trim())
        .filter(Boolean)
        .slice(-3)
        .join(" | ");
    return [[reason, message].filter(Boolean).join(": "), log].filter(Boolean).join(" | ");
}
