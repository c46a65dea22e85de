import { z } from "zod";
import { everywhere, warnedInDev, warnedInStaging } from "../levels";
import { type Declared, type Finding, judgeEach, notJudged, objectOf, resourceRule, wrong } from "../rule";
import { get, UNKNOWN } from "../values";
import { asksForSidecar, inContainers } from "../workloads";

/** Its injector gives a sidecar its image, which is that of the mesh's version. */
const INJECTED = "auto";

/** Each container of a workload in the mesh, as far as it is known, and how to call it. */
function containersInMesh(resource: Declared, judge: (container: unknown, called: string) => Finding[]): Finding[] {
    const asks = asksForSidecar(resource);
    if (asks !== true) {
        return asks === UNKNOWN ? [notJudged("whether it is in the mesh")] : [];
    }
    return inContainers(resource, "lasting").flatMap(({ path, value }) =>
        value === UNKNOWN
            ? [notJudged(path)]
            : judge(value, `container ${String(get(value, "name"))} of ${objectOf(resource)}`),
    );
}

/** What is missing below a container: known to be, or not yet known. */
function missing(container: unknown, wanted: string[], say: (absent: string[]) => string): Finding[] {
    const values = wanted.map((path) => [path, get(container, ...path.split("."))] as const);
    const absent = values.filter(([, value]) => value === undefined).map(([path]) => path);
    return [
        ...(absent.length === 0 ? [] : [wrong(say(absent))]),
        ...values.filter(([, value]) => value === UNKNOWN).map(([path]) => notJudged(path)),
    ];
}

/** Without requests a pod is the first to go; without a limit of memory it takes its neighbours along. */
export const resourcesSet = resourceRule({
    name: "resources-set",
    description: "Workloads in the mesh say what they need.",
    level: warnedInDev,
    settings: z.object({
        required: z
            .array(z.string().regex(/^(requests|limits)\.[\w.-]+$/))
            .default(["requests.cpu", "requests.memory", "limits.memory"])
            .describe("What each container has to say."),
    }),
    judge: (resource, { required }) =>
        containersInMesh(resource, (container, called) => {
            const resources = get(container, "resources") ?? {};
            return missing(
                resources,
                required,
                (absent) => `${called} has no ${absent.join(", ")}: set requests and limits of its service`,
            );
        }),
});

/** What does not answer is not asked, and is started anew: but only where somebody looks. */
export const probesSet = resourceRule({
    name: "probes-set",
    description: "Workloads in the mesh have probes.",
    level: warnedInDev,
    settings: z.object({}),
    judge: (resource) =>
        containersInMesh(resource, (container, called) =>
            missing(
                container,
                ["livenessProbe", "readinessProbe"],
                (absent) => `${called} has no ${absent.join(" and no ")}: set probes of its service`,
            ),
        ),
});

function images(resource: Declared, whatIsWrong: (image: string) => string | undefined): Finding[] {
    return judgeEach(inContainers(resource, "all", "image"), (image: string) => {
        const problem = image === INJECTED ? undefined : whatIsWrong(image);
        return problem && `${objectOf(resource)} runs ${image}, ${problem}`;
    });
}

/** A tag can be another image tomorrow: what was tested is what runs only by its digest. */
export const imageDigest = resourceRule({
    name: "image-digest",
    description: "Images are pinned by their digest.",
    level: warnedInStaging,
    settings: z.object({}),
    judge: (resource) =>
        images(resource, (image) =>
            /@sha256:[0-9a-f]{64}$/.test(image)
                ? undefined
                : "which is not pinned: name the image by its digest, <image>@sha256:<digest>",
        ),
});

/** Also meant where neither tag nor digest stands. */
export const noLatest = resourceRule({
    name: "no-latest",
    description: "No image is whatever is latest.",
    level: everywhere,
    settings: z.object({}),
    judge: (resource) =>
        images(resource, (image) => {
            const [name, digest] = image.split("@");
            const tag = /:([\w][\w.-]*)$/.exec(name)?.[1];
            return digest !== undefined || (tag !== undefined && tag !== "latest")
                ? undefined
                : "whatever that is at the time: name a version or, better, a digest";
        }),
});
