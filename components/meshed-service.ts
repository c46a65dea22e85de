import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { rolloutGate } from "../cluster/gates";
import type { ServiceConfig } from "../config/schema";
import type { SidecarRequest } from "../dialects";
import { marked } from "../specs/meta";
import { disruptionSpec } from "../specs/spread";
import { deploymentSpec, propertiesFile, propertiesMapName, serviceSpec } from "../specs/workload";
import { type Context, everyOne, held, present, type Ready } from "./context";
import { buildImage } from "./image-build";
import { ObjectPatch } from "./object-patch";

export interface MeshedServiceArgs {
    /** The service's own name, which is also its workload's, its ServiceAccount's and its `app` label's. */
    service: string;
    namespace: pulumi.Input<string>;
    /** Set when the namespace is ours: then the objects in it go with it. */
    ownNamespace?: k8s.core.v1.Namespace;
    /** Everything that decides which resources there are is plain; values inside may depend on names. */
    config: ServiceConfig;
    /** How a pod asks for its sidecar. Its keys are plain. */
    sidecar: SidecarRequest;
    /** mesh:secrets */
    secrets: Record<string, pulumi.Output<string>>;
}

/** The kinds of workload whose pod template can ask for a sidecar. */
const workloadApis = { Deployment: "apps/v1", DeploymentConfig: "apps.openshift.io/v1" } as const;

/**
 * A service in the mesh: one that is deployed here, or one that exists and gets its sidecar asked for. Ready when it is
 * rolled out and every one of its pods really has its sidecar.
 */
export class MeshedService extends pulumi.ComponentResource {
    readonly ready: Ready;

    constructor(name: string, args: MeshedServiceArgs, context: Context, opts: pulumi.ComponentResourceOptions) {
        super("mesh:index:MeshedService", name, {}, opts);
        const { service, config } = args;
        // A pod that is made before its namespace is a member gets no sidecar: everything waits for membership.
        const child = { parent: this, dependsOn: opts.dependsOn };
        const kind = config.existing ?? "Deployment";
        const [workload, ...others] =
            config.existing !== undefined
                ? takeOver(name, kind, args, child)
                : deploy(name, args, context, {
                      ...child,
                      // Deleted one by one these take many times as long, and nothing outside looks after them.
                      deletedWith: args.ownNamespace,
                  });
        const gate = pulumi.output(args.namespace).apply((namespace) =>
            rolloutGate({
                kind,
                namespace,
                name: service,
                sidecar: true,
                timeoutSeconds: context.timeouts.rollout,
            }),
        );
        const rolledOut = held(context, workload, [workload, ...others], gate, { replicas: config.replicas });
        this.ready = rolledOut.ready;
        // Known only when it is rolled out: so is the component done only then.
        this.registerOutputs({ pods: rolledOut.value.apply(({ replicas }) => replicas) });
    }
}

/** Asks for the sidecar on the pod template of a workload that exists; its pods are then rolled by their own controller. */
function takeOver(
    name: string,
    kind: "Deployment" | "DeploymentConfig",
    args: MeshedServiceArgs,
    opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
    return (["annotations", "labels"] as const).flatMap((where) =>
        Object.entries(args.sidecar[where]).map(
            ([key, value]) =>
                new ObjectPatch(
                    `${name}/${key}`,
                    {
                        apiVersion: workloadApis[kind],
                        kind,
                        namespace: args.namespace,
                        name: args.service,
                        path: ["spec", "template", "metadata", where, key],
                        value,
                    },
                    opts,
                ),
        ),
    );
}

/** The Deployment first: its row shows the progress. */
function deploy(
    name: string,
    args: MeshedServiceArgs,
    context: Context,
    opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
): pulumi.Resource[] {
    const { service, config, ownNamespace } = args;
    const namespace = pulumi.output(args.namespace);
    const meta = (objectName: string, annotations?: Record<string, string>) =>
        namespace.apply((ns) => marked(context.mark, objectName, ns, { labels: { app: service }, annotations }));

    const image =
        config.build === undefined
            ? config.image
            : buildImage(name, { service, build: config.build, namespace, ownNamespace, meta }, context, opts.parent);
    const account = new k8s.core.v1.ServiceAccount(name, { metadata: meta(service) }, opts);
    const hasProperties = Object.keys(config.properties).length > 0;
    const propertiesMap = hasProperties ? propertiesMapName(service, config.properties) : undefined;
    const properties =
        propertiesMap === undefined
            ? undefined
            : new k8s.core.v1.ConfigMap(
                  name,
                  {
                      metadata: meta(propertiesMap),
                      data: { "application.properties": propertiesFile(config.properties) },
                  },
                  opts,
              );
    const secret = environmentSecret(name, args, meta, opts);
    const spec = pulumi.all([image, secret?.revision]).apply(([resolved, secretRevision]) =>
        deploymentSpec({
            name: service,
            service: config,
            image: resolved as string,
            sidecar: args.sidecar,
            propertiesMap,
            secretName: secret && secretName(service),
            secretRevision,
        }),
    );
    // Our own gate waits for the roll-out: it knows about sidecars, and says what it is waiting for.
    const ungated = { "pulumi.com/skipAwait": "true" };
    const deployment = new k8s.apps.v1.Deployment(
        name,
        { metadata: meta(service, ungated), spec: spec as never },
        // Pods are refused without their account, and wait without their volumes.
        { ...opts, dependsOn: everyOne(opts.dependsOn as Ready, present(account, properties, secret?.object)) },
    );
    const entry = new k8s.core.v1.Service(
        name,
        { metadata: meta(service, ungated), spec: serviceSpec(service, config.port) as never },
        opts,
    );
    const { minAvailable } = config;
    const budget =
        minAvailable === undefined
            ? []
            : [
                  new k8s.policy.v1.PodDisruptionBudget(
                      name,
                      { metadata: meta(service), spec: disruptionSpec(minAvailable, { app: service }) },
                      opts,
                  ),
              ];
    return [deployment, entry, ...budget];
}

function secretName(service: string): string {
    return `${service}-env`;
}

/** The Secret behind the environment variables that are not plain text, and a revision that changes when it does. */
function environmentSecret(
    name: string,
    args: MeshedServiceArgs,
    meta: (objectName: string) => pulumi.Output<object>,
    opts: pulumi.CustomResourceOptions,
): { object: pulumi.Resource; revision: pulumi.Output<string> } | undefined {
    const values: Record<string, pulumi.Output<string>> = {};
    for (const [variable, value] of Object.entries(args.config.env)) {
        if (typeof value === "string") {
            continue;
        }
        values[variable] =
            "generate" in value
                ? new random.RandomPassword(
                      `${name}/${variable}`,
                      { length: value.generate, special: false },
                      { parent: opts.parent },
                  ).result
                : args.secrets[value.secret];
    }
    if (Object.keys(values).length === 0) {
        return undefined;
    }
    const object = new k8s.core.v1.Secret(
        name,
        { metadata: meta(secretName(args.service)) as never, stringData: values },
        opts,
    );
    // Tells one content from another without telling anything of it, as a hash of a short secret would.
    const revision = new random.RandomString(
        `${name}/revision`,
        { length: 8, special: false, keepers: values },
        { parent: opts.parent },
    );
    return { object, revision: pulumi.unsecret(revision.result) };
}
