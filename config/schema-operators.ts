/** Config of the catalogue and of the operators that are installed from it. */
import { z } from "zod";
import { choice, label, object, resourceKeys, subdomain, text } from "./fields";

function channel() {
    return text('a channel\'s name in quotes, like "stable" or "4.5"', {
        pattern: /^[A-Za-z0-9]([-\w.]*[A-Za-z0-9])?$/,
        max: 63,
    });
}

function operator(name: string) {
    return object({
        install: choice(["auto", "existing"])
            .default("auto")
            .describe(
                "auto: install it unless somebody else already has, then use theirs; existing: never " +
                    "install it, only use what is there. " +
                    "Default: auto.",
            ),
        channel: channel()
            .optional()
            .describe(
                "The catalogue's channel, in quotes: YAML reads 4.10 as 4.1. Default: the package's default channel.",
            ),
        startingCSV: subdomain("the name of a ClusterServiceVersion")
            .optional()
            .describe(
                "The version to begin with, by the name of its ClusterServiceVersion. To stay on it, set " +
                    "approval to Manual. " +
                    "Default: the channel's newest.",
            ),
        approval: choice(["Automatic", "Manual"])
            .default("Automatic")
            .describe(
                "Who approves upgrades. Manual: only what this stack asks for is installed, upgrades wait. " +
                    "Default: Automatic.",
            ),
        source: subdomain("the name of a CatalogSource")
            .optional()
            .describe("The CatalogSource of this operator. Default: mesh:catalog."),
        sourceNamespace: label("a namespace")
            .optional()
            .describe("The namespace of that CatalogSource. Default: mesh:catalog."),
        resources: object(resourceKeys("the operator's container"))
            .optional()
            .describe("Resources of the operator's container. Default: the operator's."),
    })
        .prefault({})
        .describe(`The ${name} operator. Default: installed from the catalogue's default channel.`);
}

/** mesh:catalog */
export const catalog = object({
    source: subdomain("the name of a CatalogSource")
        .default("redhat-operators")
        .describe("The CatalogSource. Default: redhat-operators."),
    sourceNamespace: label("a namespace")
        .default("openshift-marketplace")
        .describe("The namespace of the CatalogSource. Default: openshift-marketplace."),
})
    .prefault({})
    .describe("Where operators come from. Default: Red Hat's catalogue.");

/** mesh:operators */
export const operators = object({
    elasticsearch: operator("Elasticsearch"),
    jaeger: operator("Jaeger"),
    kiali: operator("Kiali"),
    opentelemetry: operator("OpenTelemetry"),
    servicemesh: operator("Service Mesh"),
    tempo: operator("Tempo"),
})
    .prefault({})
    .describe(
        "The operators: elasticsearch, jaeger, kiali, opentelemetry, servicemesh, tempo; each may be left out. Default: " +
            "those that the generation needs, from the catalogue's default channels.",
    );

export type OperatorConfig = z.output<typeof operators>["servicemesh"];
export type OperatorName = keyof z.output<typeof operators>;
