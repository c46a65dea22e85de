import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../../../kube";

/** What OpenShift's DeploymentConfig controller decides: openshift/openshift-controller-manager, pkg/apps. */

const CONFIG_LABEL = "openshift.io/deployment-config.name";
const VERSION_ANNOTATION = "openshift.io/deployment-config.latest-version";
const PHASE_ANNOTATION = "openshift.io/deployment.phase";

export interface Rollout {
    /** A ReplicationController to make: the template is new. */
    create?: KubeObject;
    /** Sizes to change, by name. */
    scale: Record<string, number>;
    /** The ReplicationController whose rollout is now over. */
    complete?: string;
    status: object;
}

/** The ReplicationControllers that belong to a DeploymentConfig, oldest first. */
export function controllersOf(config: KubeObject, all: KubeObject[]): KubeObject[] {
    return all
        .filter((rc) => rc.metadata.ownerReferences?.some(({ uid }) => uid === config.metadata.uid))
        .sort((a, b) => versionOf(a) - versionOf(b));
}

/** One step of bringing a DeploymentConfig's pods to its template; the older ones go when the new ones are ready. */
export function rolloutOf(config: KubeObject, controllers: KubeObject[]): Rollout {
    const latest = controllers.at(-1);
    const wanted: number = config.spec.replicas ?? 1;
    if (!config.spec.paused && (!latest || !isDeepStrictEqual(templateOf(config), plain(latest)))) {
        const version = (latest ? versionOf(latest) : 0) + 1;
        return { create: controllerOf(config, version), scale: {}, status: statusOf(config, controllers, version) };
    }
    const scale: Record<string, number> = {};
    if (!latest) {
        return { scale, status: statusOf(config, controllers, 0) };
    }
    if (latest.spec.replicas !== wanted) {
        scale[latest.metadata.name] = wanted;
    }
    const ready = (latest.status?.readyReplicas ?? 0) >= wanted;
    for (const older of ready ? controllers.slice(0, -1) : []) {
        if (older.spec.replicas !== 0) {
            scale[older.metadata.name] = 0;
        }
    }
    const complete = ready && latest.metadata.annotations?.[PHASE_ANNOTATION] !== "Complete";
    return {
        scale,
        complete: complete ? latest.metadata.name : undefined,
        status: statusOf(config, controllers, versionOf(latest)),
    };
}

export const COMPLETED = { metadata: { annotations: { [PHASE_ANNOTATION]: "Complete" } } };

function controllerOf(config: KubeObject, version: number): KubeObject {
    const { name, namespace, uid } = config.metadata;
    const own = `${name}-${version}`;
    const labels = { deployment: own, deploymentconfig: name };
    const template = templateOf(config);
    return {
        apiVersion: "v1",
        kind: "ReplicationController",
        metadata: {
            name: own,
            namespace,
            labels: { ...config.metadata.labels, [CONFIG_LABEL]: name },
            annotations: {
                [VERSION_ANNOTATION]: String(version),
                [PHASE_ANNOTATION]: "Running",
                "openshift.io/deployment-config.template": JSON.stringify(template),
            },
            ownerReferences: [
                {
                    apiVersion: config.apiVersion,
                    kind: config.kind,
                    name,
                    uid: uid!,
                    controller: true,
                    blockOwnerDeletion: true,
                },
            ],
        },
        spec: {
            replicas: config.spec.replicas ?? 1,
            selector: { ...config.spec.selector, ...labels },
            template: {
                ...template,
                metadata: { ...template.metadata, labels: { ...template.metadata?.labels, ...labels } },
            },
        },
    };
}

function statusOf(config: KubeObject, controllers: KubeObject[], latestVersion: number): object {
    const latest = controllers.find((rc) => versionOf(rc) === latestVersion);
    const sum = (field: string): number => controllers.reduce((total, rc) => total + (rc.status?.[field] ?? 0), 0);
    const wanted: number = config.spec.replicas ?? 1;
    const ready = latest?.status?.readyReplicas ?? 0;
    const done = latest !== undefined && ready >= wanted && sum("replicas") === wanted;
    const name = `${config.metadata.name}-${latestVersion}`;
    return {
        observedGeneration: config.metadata.generation,
        latestVersion,
        replicas: sum("replicas"),
        readyReplicas: sum("readyReplicas"),
        availableReplicas: sum("availableReplicas"),
        updatedReplicas: latest?.status?.replicas ?? 0,
        unavailableReplicas: Math.max(0, wanted - sum("availableReplicas")),
        conditions: [
            {
                type: "Available",
                status: sum("availableReplicas") >= wanted ? "True" : "False",
                message: `Deployment config ${sum("availableReplicas") >= wanted ? "has" : "does not have"} minimum availability.`,
            },
            done
                ? {
                      type: "Progressing",
                      status: "True",
                      reason: "NewReplicationControllerAvailable",
                      message: `replication controller "${name}" successfully rolled out`,
                  }
                : {
                      type: "Progressing",
                      status: "Unknown",
                      message: `replication controller "${name}" is waiting for pod "${name}-deploy" to run`,
                  },
        ],
    };
}

/** The template as given; the ReplicationController's own has defaults added by the API server. */
function plain(controller: KubeObject): unknown {
    return JSON.parse(controller.metadata.annotations?.["openshift.io/deployment-config.template"] ?? "null");
}

function templateOf(config: KubeObject): any {
    return config.spec.template ?? {};
}

function versionOf(controller: KubeObject): number {
    return Number(controller.metadata.annotations?.[VERSION_ANNOTATION] ?? 0);
}
