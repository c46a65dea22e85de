import type { OperatorSpec } from "./dialect";

/** Where OperatorHub puts operators that watch all namespaces; it comes with an OperatorGroup of its own. */
export const OPERATORS = "openshift-operators";

/** The operators that are the same in every generation. Which of them a mesh needs is its dialect's to say. */
export const elasticsearch: OperatorSpec = {
    key: "elasticsearch",
    package: "elasticsearch-operator",
    csvPrefix: "elasticsearch-operator.",
    namespace: "openshift-operators-redhat",
    home: "own",
    after: [],
    owns: ["elasticsearches.logging.openshift.io", "kibanas.logging.openshift.io"],
    leavings: [],
};

export const jaeger: OperatorSpec = {
    key: "jaeger",
    package: "jaeger-product",
    csvPrefix: "jaeger-operator.",
    namespace: OPERATORS,
    home: "shared",
    after: [],
    owns: ["jaegers.jaegertracing.io"],
    leavings: [],
};

export const kiali: OperatorSpec = {
    key: "kiali",
    package: "kiali-ossm",
    csvPrefix: "kiali-operator.",
    namespace: OPERATORS,
    home: "shared",
    after: [],
    owns: ["kialis.kiali.io", "ossmconsoles.kiali.io", "monitoringdashboards.monitoring.kiali.io"],
    leavings: [],
};

/** grafana/tempo-operator; its webhooks are in its CSV, so that OLM takes them away with it. */
export const tempo: OperatorSpec = {
    key: "tempo",
    package: "tempo-product",
    csvPrefix: "tempo-operator.",
    namespace: "openshift-tempo-operator",
    home: "own",
    after: [],
    owns: ["tempomonolithics.tempo.grafana.com", "tempostacks.tempo.grafana.com"],
    leavings: [],
};

/** open-telemetry/opentelemetry-operator; its webhooks are in its CSV, so that OLM takes them away with it. */
export const opentelemetry: OperatorSpec = {
    key: "opentelemetry",
    package: "opentelemetry-product",
    csvPrefix: "opentelemetry-operator.",
    namespace: "openshift-opentelemetry-operator",
    home: "own",
    after: [],
    owns: ["opentelemetrycollectors", "instrumentations", "opampbridges", "targetallocators"].map(
        (k) => `${k}.opentelemetry.io`,
    ),
    leavings: [],
};

/** The last one after all the others, whose kinds it uses. */
export function inOrder(others: OperatorSpec[], last: OperatorSpec): OperatorSpec[] {
    return [...others, { ...last, after: others.map(({ key }) => key) }];
}
