import type { KubeObject } from "../../../kube";
import { condition, ready, type Verdict, waiting, words } from "../../verdict";
import { DEPLOYMENT, type PieceJudge, type PieceReady, type PieceWatch, unfinished } from "./piece";

/**
 * Kiali: its operator's last run succeeded, and the Deployment that it wrote is rolled out. Its status tells no generation.
 * A failed run is repeated with growing pauses, so its words are shown and nothing is final (operator-framework/
 * operator-sdk internal/ansible/controller/status: Running, Successful, Failure).
 */
export const kiali: PieceJudge = {
    title: "Kiali",
    watches: (_piece, seen) =>
        seen.pieces.map((p): PieceWatch => ({ as: "workloads", kind: DEPLOYMENT, ...server(p) })),
    // This stack's Kialis give theirs their own name.
    later: ({ metadata: { name, namespace } }) => [{ kind: DEPLOYMENT, namespace, name }],
    judge(object, seen) {
        const { name, namespace } = server(object);
        const found = seen.workloads.find((d) => d.metadata.name === name && d.metadata.namespace === namespace);
        const rolling = unfinished(found, name);
        return ansible(object) ?? (rolling ? waiting(`Kiali: ${rolling}`) : done("Kiali: reconciled, rolled out"));
    },
    late: ({ metadata: { name, namespace } }) => [
        `  oc get kiali ${name} -n ${namespace} -o yaml`,
        "  oc logs -n openshift-operators deployment/kiali-operator",
    ],
};

/** Its Deployment, as its operator names it (kiali/kiali-operator roles/default/kiali-deploy/defaults). */
function server({ metadata, spec }: KubeObject): { namespace: string; name: string } {
    const { instance_name: name, namespace } = spec?.deployment ?? {};
    return { name: name ?? "kiali", namespace: namespace ?? metadata.namespace ?? "" };
}

/** OSSMConsole: by the same operator. */
export const ossmConsole: PieceJudge = {
    title: "console plugin",
    judge: (object) => ansible(object) ?? done("console plugin: reconciled"),
    late: ({ metadata: { name, namespace } }) => [
        `  oc get ossmconsole ${name} -n ${namespace} -o yaml`,
        "  oc logs -n openshift-operators deployment/kiali-operator",
    ],
};

function ansible(object: KubeObject): Verdict<never> | undefined {
    const [running, successful, failure] = ["Running", "Successful", "Failure"].map((t) => condition(object, t));
    if (failure?.status === "True") {
        return waiting(`${object.kind}: ${words(failure)}; its operator tries again`);
    }
    if (successful?.status === "True" && running?.reason !== "Running") {
        return undefined;
    }
    const progress: string | undefined = object.status?.progress?.message;
    return waiting(
        `${object.kind}: ${progress ?? (running ? "its operator is at work" : "its operator has not begun")}`,
    );
}

/**
 * TempoMonolithic and TempoStack: exactly one of Ready, Pending, Failed and ConfigurationError is True (grafana/
 * tempo-operator internal/status). A missing Secret is a ConfigurationError, and heals when it comes.
 */
export const tempo: PieceJudge = {
    title: "tracing",
    judge(object) {
        const others = ["Failed", "ConfigurationError", "Pending"].map((t) => condition(object, t));
        const wrong = others.find((c) => c?.status === "True");
        if (wrong) {
            return waiting(`${object.kind} ${object.metadata.name}: ${words(wrong)}`);
        }
        return condition(object, "Ready")?.status === "True"
            ? done(`${object.kind} ${object.metadata.name}: Ready`)
            : waiting(`${object.kind} ${object.metadata.name}: its operator has not begun`);
    },
    late: ({ kind, metadata: { name, namespace } }) => [
        `  oc get ${kind.toLowerCase()} ${name} -n ${namespace} -o yaml`,
        `  oc get pods -n ${namespace} -l app.kubernetes.io/instance=${name}`,
    ],
};

/** OpenTelemetryCollector: the Deployment <name>-collector that its operator makes (mode deployment, its default). */
export const openTelemetryCollector: PieceJudge = {
    title: "trace collector",
    watches: ({ metadata: { name, namespace } }) => [
        { as: "workloads", kind: DEPLOYMENT, namespace, name: collectorOf(name) },
    ],
    later: ({ metadata: { name, namespace } }) => [{ kind: DEPLOYMENT, namespace, name: collectorOf(name) }],
    judge({ metadata: { name } }, seen) {
        const rolling = unfinished(seen.workloads[0], collectorOf(name));
        return rolling ? waiting(`trace collector: ${rolling}`) : done(`trace collector ${name}: rolled out`);
    },
    late: ({ metadata: { name, namespace } }) => [
        `  oc get opentelemetrycollector ${name} -n ${namespace} -o yaml`,
        `  oc describe deployment ${collectorOf(name)} -n ${namespace}`,
    ],
};

const collectorOf = (name: string): string => `${name}-collector`;

function done(say: string): Verdict<PieceReady> {
    return ready({ say }, say);
}
