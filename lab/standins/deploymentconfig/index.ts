import { isDeepStrictEqual } from "node:util";
import { type KubeObject, refOf } from "../../../kube";
import { keyOf, Reconciler } from "../reconciler";
import type { StandInContext } from "../types";
import { COMPLETED, controllersOf, rolloutOf } from "./rollout";

const CONFIG = { apiVersion: "apps.openshift.io/v1", kind: "DeploymentConfig" };
const CONTROLLER = { apiVersion: "v1", kind: "ReplicationController" };

/** OpenShift's controller of DeploymentConfigs: a ReplicationController for each new template, then the status. */
export async function standIn(context: StandInContext): Promise<void> {
    const { kube, signal } = context;
    const configs = new Map<string, KubeObject>();
    const controllers = new Map<string, KubeObject>();
    const reconciler = new Reconciler(context, async (key) => {
        const config = configs.get(key);
        if (config) {
            await step(context, config, [...controllers.values()]);
        }
    });
    const follow = (map: Map<string, KubeObject>, type: string, object: KubeObject): void => {
        if (type === "DELETED" || object.metadata.deletionTimestamp) {
            map.delete(keyOf(object));
        } else {
            map.set(keyOf(object), object);
        }
    };
    await new Promise<void>((resolve) => {
        kube.watch(CONTROLLER, {
            signal,
            onSynced: resolve,
            onEvent: (type, controller) => {
                follow(controllers, type, controller);
                const owner = controller.metadata.ownerReferences?.find(({ kind }) => kind === CONFIG.kind);
                if (owner) {
                    reconciler.request(`${controller.metadata.namespace}/${owner.name}`);
                }
            },
        });
    });
    await new Promise<void>((resolve) => {
        kube.watch(CONFIG, {
            signal,
            onSynced: resolve,
            onError: () => resolve(),
            onEvent: (type, config) => {
                follow(configs, type, config);
                reconciler.request(keyOf(config));
            },
        });
    });
}

async function step({ kube, delay, settings }: StandInContext, config: KubeObject, all: KubeObject[]): Promise<void> {
    const { create, scale, complete, status } = rolloutOf(config, controllersOf(config, all));
    if (create) {
        await delay(settings().deploymentconfig.rolloutDelay);
        await kube.create(create);
    }
    const { namespace } = config.metadata;
    for (const [name, replicas] of Object.entries(scale)) {
        await kube.mergePatch({ ...CONTROLLER, namespace, name }, { spec: { replicas } });
    }
    if (complete) {
        await kube.mergePatch({ ...CONTROLLER, namespace, name: complete }, COMPLETED);
    }
    if (!isDeepStrictEqual(config.status, JSON.parse(JSON.stringify(status)))) {
        await kube.mergePatchStatus(refOf(config), { status });
    }
}
