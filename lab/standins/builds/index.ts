import { isStatus, type KubeObject, refOf } from "../../../kube";
import { keyOf, Reconciler } from "../reconciler";
import type { StandInContext } from "../types";
import { beginsByItself, buildOf, completion, failure, nameOfConfig, now, pushed } from "./build";

const CONFIG = { apiVersion: "build.openshift.io/v1", kind: "BuildConfig" };
const BUILD = { apiVersion: "build.openshift.io/v1", kind: "Build" };
const STREAM = { apiVersion: "image.openshift.io/v1", kind: "ImageStream" };

/** Real milliseconds until a new build has its pod, and until that runs. */
const SCHEDULING_MS = 1_000;

/** OpenShift's builds as far as the API shows them: nothing is built, and the image's name leads nowhere. */
export async function standIn(context: StandInContext): Promise<void> {
    const configs = new Map<string, KubeObject>();
    const builds = new Map<string, KubeObject>();
    const begun = new Reconciler(context, async (key) => {
        const config = configs.get(key);
        if (config && beginsByItself(config)) {
            await begin(context, config);
        }
    });
    const running = new Reconciler(context, async (key) => {
        const known = builds.get(key);
        // What was seen of it may be from before this stand-in ended it.
        const build = known && (await context.kube.get(refOf(known)));
        if (build && isOpen(build)) {
            await run(context, build);
        }
    });
    await Promise.all([follow(context, CONFIG, configs, begun), follow(context, BUILD, builds, running)]);
}

function follow(
    { kube, signal }: StandInContext,
    kind: typeof CONFIG,
    map: Map<string, KubeObject>,
    reconciler: Reconciler,
): Promise<void> {
    return new Promise((resolve) => {
        kube.watch(kind, {
            signal,
            onSynced: resolve,
            onError: () => resolve(),
            onEvent: (type, object) => {
                if (type === "DELETED" || object.metadata.deletionTimestamp) {
                    map.delete(keyOf(object));
                } else {
                    map.set(keyOf(object), object);
                    reconciler.request(keyOf(object));
                }
            },
        });
    });
}

async function begin({ kube }: StandInContext, config: KubeObject): Promise<void> {
    try {
        await kube.create(buildOf(config, 1));
    } catch (error) {
        if (!isStatus(error, 409)) {
            throw error;
        }
    }
    await kube.mergePatchStatus(refOf(config), { status: { lastVersion: 1 } });
}

function isOpen(build: KubeObject): boolean {
    return ["New", "Pending", "Running"].includes(build.status?.phase ?? "New");
}

/** From wherever it is to its end. A build that is deleted or cancelled meanwhile is let be. */
async function run({ kube, delay, settings }: StandInContext, build: KubeObject): Promise<void> {
    const say = (status: object): Promise<KubeObject> => kube.mergePatchStatus(refOf(build), { status });
    const config = nameOfConfig(build);
    await say({ phase: "New", config: { kind: CONFIG.kind, namespace: build.metadata.namespace, name: config } });
    await delay(SCHEDULING_MS);
    await say({ phase: "Pending" });
    await delay(SCHEDULING_MS);
    await say({ phase: "Running", startTimestamp: now() });
    const { duration, failing, log } = settings().builds;
    await delay(duration);
    const present = await kube.get(refOf(build));
    if (!present || !isOpen(present)) {
        return;
    }
    if (failing.some((part) => config.includes(part))) {
        await say(failure(log));
        return;
    }
    const [name, tag = "latest"] = String(build.spec.output?.to?.name ?? "").split(":");
    const stream = await kube.get({ ...STREAM, namespace: build.metadata.namespace, name });
    if (!stream) {
        const said = `Output image could not be resolved: ImageStream ${name} is not there`;
        await say({ phase: "Error", reason: "InvalidOutputReference", message: said });
        return;
    }
    await kube.mergePatchStatus(refOf(stream), { status: pushed(stream, tag, build) });
    await say(completion(build));
}
