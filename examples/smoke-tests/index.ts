import { meshOutputs } from "@mesh/consumer";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { containerOf, type Probe } from "./probe";

const config = new pulumi.Config();
const probes = config.requireObject<Record<string, Probe>>("probes");
const mesh = meshOutputs(config.require("stack"));

const home = new k8s.core.v1.Namespace("home", { metadata: { name: config.require("namespace") } });

for (const [name, probe] of Object.entries(probes)) {
    new k8s.batch.v1.CronJob(
        name,
        {
            metadata: { name, namespace: home.metadata.name },
            spec: {
                schedule: config.require("schedule"),
                concurrencyPolicy: "Forbid",
                successfulJobsHistoryLimit: 1,
                failedJobsHistoryLimit: 3,
                jobTemplate: {
                    spec: {
                        backoffLimit: 0,
                        activeDeadlineSeconds: 60,
                        template: {
                            spec: {
                                restartPolicy: "Never",
                                automountServiceAccountToken: false,
                                securityContext: { runAsNonRoot: true },
                                containers: [containerOf(probe, mesh.url(name), config.require("image"))],
                            },
                        },
                    },
                },
            },
        },
        { deletedWith: home },
    );
}

/** The mesh that is asked, as it says of itself. */
export const asked = pulumi.interpolate`${mesh.controlPlane.name} ${mesh.controlPlane.version}`;
