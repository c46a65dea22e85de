import type { Gate } from "./gate";
import { BUILD_NAMES, type BuildReady, type BuildWant, judgeBuild } from "./verdicts/build";

/** OpenShift has built an image and its ImageStream has it. */
export function buildGate(
    want: BuildWant & { timeoutSeconds: number },
): Gate<BuildReady, (typeof BUILD_NAMES)[number]> {
    const { namespace, name, imageStream } = want;
    return {
        title: `image ${namespace}/${imageStream}`,
        failure: `the image of ${namespace}/${imageStream} was not built`,
        names: BUILD_NAMES,
        watches: [
            {
                as: "builds",
                kind: { apiVersion: "build.openshift.io/v1", kind: "Build" },
                namespace,
                labelSelector: `buildconfig=${name}`,
            },
            {
                as: "imageStreams",
                kind: { apiVersion: "image.openshift.io/v1", kind: "ImageStream" },
                namespace,
                name: imageStream,
            },
        ],
        verdict: (seen) => judgeBuild(seen, want),
        timeoutSeconds: want.timeoutSeconds,
    };
}
