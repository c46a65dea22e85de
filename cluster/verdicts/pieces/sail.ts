import type { KubeObject } from "../../../kube";
import { called, condition, failed, ready, type Verdict, waiting } from "../../verdict";
import { DEPLOYMENT, type PieceJudge, type PieceReady, type PieceSnapshot, unfinished, unhappy } from "./piece";

const OPERATOR_LOG = ["The operator's own log:", "  oc logs -n openshift-operators deployment/servicemesh-operator3"];

/**
 * Istio. A matching generation and `state: Healthy` stand for 0.7 to 1.2 s after a change before its roll-out begins
 * (trap 38; recorded: sail S1d, S6b): the status is of the Istio object, while the roll-out is the active IstioRevision's.
 * So that revision must have noticed its own generation, and its Deployment must be rolled out; the operator itself only
 * counts ready pods, old ones too (openshift-service-mesh/sail-operator controllers/istiorevision). Nor does Ready mean
 * Healthy (trap 39).
 */
export const istio: PieceJudge = {
    title: "control plane",
    watches: ({ apiVersion }, seen) => {
        const revision = activeRevision(seen.pieces[0], seen);
        return [
            { as: "revisions", kind: { apiVersion, kind: "IstioRevision" } },
            ...(revision
                ? [
                      {
                          as: "workloads" as const,
                          kind: DEPLOYMENT,
                          namespace: revision.spec?.namespace as string,
                          name: istiodOf(revision),
                      },
                  ]
                : []),
        ];
    },
    later: ({ apiVersion, runsIn }) => [
        { kind: { apiVersion, kind: "IstioRevision" } },
        // Its name is the revision's to say.
        { kind: DEPLOYMENT, namespace: runsIn },
    ],
    judge: judgeIstio,
    late: ({ metadata: { name } }) => [
        "What the operator says of it and of its revisions:",
        `  oc get istio,istiorevision,istiocni -o wide; oc get istio ${name} -o yaml`,
        ...OPERATOR_LOG,
    ],
};

function judgeIstio(object: KubeObject, seen: PieceSnapshot): Verdict<PieceReady> {
    const unsettled = unsettledIn(object, ["Reconciled", "Ready", "DependenciesHealthy"]);
    if (unsettled) {
        return unsettled;
    }
    const { name } = object.metadata;
    const revision = activeRevision(object, seen);
    if (!revision) {
        return waiting(`${name}: its revision ${object.status.activeRevisionName ?? ""} is not there`);
    }
    const behind = unsettledIn(revision, ["Reconciled", "Ready"]);
    if (behind) {
        return behind;
    }
    const istiod = istiodOf(revision);
    const rolling = unfinished(
        seen.workloads.find((d) => d.metadata.name === istiod && d.metadata.namespace === revision.spec?.namespace),
        istiod,
    );
    if (rolling) {
        return waiting(`${name}: ${rolling}`, [
            "Its pods say why they are not ready:",
            `  oc get pods -n ${revision.spec?.namespace}`,
        ]);
    }
    const version: string | undefined = revision.spec?.version;
    const say = `${name}: Healthy, ${[version, `revision ${revision.metadata.name}`].filter(Boolean).join(", ")}`;
    return ready({ say, version, revision: revision.metadata.name }, say);
}

function activeRevision(object: KubeObject | undefined, seen: PieceSnapshot): KubeObject | undefined {
    const name: string | undefined = object?.status?.activeRevisionName;
    return seen.revisions.find((r) => r.metadata.name === name && !r.metadata.deletionTimestamp);
}

/** openshift-service-mesh/sail-operator controllers/istiorevision, istiodDeploymentKey. */
function istiodOf(revision: KubeObject): string {
    const suffix: string = revision.spec?.values?.revision ?? "";
    return suffix ? `istiod-${suffix}` : "istiod";
}

/** IstioCNI: as Istio, with the DaemonSet that the operator makes for it. */
export const istioCni: PieceJudge = {
    title: "Istio CNI",
    watches: (_piece, seen) =>
        seen.pieces.flatMap(({ spec }) =>
            spec?.namespace
                ? [
                      {
                          as: "workloads" as const,
                          kind: DAEMON_SET,
                          namespace: spec.namespace as string,
                          name: CNI_NODE,
                      },
                  ]
                : [],
        ),
    later: ({ runsIn }) => [{ kind: DAEMON_SET, namespace: runsIn, name: CNI_NODE }],
    judge(object, seen) {
        const unsettled = unsettledIn(object, ["Reconciled", "Ready"]);
        if (unsettled) {
            return unsettled;
        }
        const { name } = object.metadata;
        const nodes = seen.workloads.find((d) => d.metadata.name === CNI_NODE);
        const { observedGeneration = 0, desiredNumberScheduled = 0, updatedNumberScheduled = 0 } = nodes?.status ?? {};
        if (!nodes || observedGeneration < (nodes.metadata.generation ?? 0)) {
            return waiting(`${name}: DaemonSet ${CNI_NODE} is yet to be noticed by its controller`);
        }
        if (updatedNumberScheduled < desiredNumberScheduled || nodes.status?.numberUnavailable) {
            return waiting(`${name}: on ${updatedNumberScheduled} of ${desiredNumberScheduled} nodes`);
        }
        const version: string | undefined = object.spec?.version;
        const say = `${name}: Healthy on ${desiredNumberScheduled} nodes`;
        return ready({ say, version }, say);
    },
    late: () => [
        "Its pods say why they are not ready:",
        "  oc get istiocni default -o yaml; oc get pods -n istio-cni -o wide",
        ...OPERATOR_LOG,
    ],
};

const CNI_NODE = "istio-cni-node";
const DAEMON_SET = { apiVersion: "apps/v1", kind: "DaemonSet" };

/**
 * IstioRevisionTag: it points where its Istio is. That nothing uses it yet (InUse False, which is also its `state`) is no
 * fault. After its Istio got another revision it still names the old one for up to 2 s, at the same generation
 * (recorded: sail S5d).
 */
export const istioRevisionTag: PieceJudge = {
    title: "revision tag",
    watches: ({ apiVersion }, seen) =>
        seen.pieces.flatMap(({ spec }) =>
            spec?.targetRef?.kind === "Istio"
                ? [
                      {
                          as: "revisions" as const,
                          kind: { apiVersion, kind: "Istio" },
                          name: spec.targetRef.name as string,
                      },
                  ]
                : [],
        ),
    later: ({ apiVersion }) => [{ kind: { apiVersion, kind: "Istio" } }],
    judge(object, seen) {
        const { name } = object.metadata;
        const reconciled = condition(object, "Reconciled");
        if (isBehind(object) || !reconciled) {
            return notNoticed(object);
        }
        if (reconciled.reason === "NameAlreadyExists") {
            return failed({
                object: called(object.kind, object.metadata),
                found: "NameAlreadyExists",
                expected: "a name that no IstioRevision has",
                said: reconciled.message ?? "",
                by: "the operator",
                todo: [
                    "A control plane without revisions has a revision of its own name: a tag needs another.",
                    "  oc get istiorevisions,istiorevisiontags",
                ],
            });
        }
        if (reconciled.status !== "True") {
            return waiting(`${name}: ${unhappy(object, ["Reconciled"])}`);
        }
        const { targetRef } = object.spec ?? {};
        const target = seen.revisions.find((r) => r.metadata.name === targetRef?.name);
        const [wanted, found] = [target?.status?.activeRevisionName, object.status.istioRevision];
        if (targetRef?.kind === "Istio" && (!target || isBehind(target) || wanted !== found)) {
            const where = wanted === found ? "its Istio is changing" : `is to point to ${wanted ?? targetRef.name}`;
            return waiting(`${name}: points to ${found}, ${where}`);
        }
        const say = `${name}: points to ${found}`;
        return ready({ say, revision: found }, say);
    },
    late: ({ metadata: { name } }) => [`  oc get istiorevisiontag ${name} -o yaml`, ...OPERATOR_LOG],
};

/** Why an object of this operator is not yet settled at its generation; undefined when it is. */
function unsettledIn(object: KubeObject, types: string[]): Verdict<never> | undefined {
    if (isBehind(object) || !condition(object, "Ready")) {
        return notNoticed(object);
    }
    if (types.every((t) => condition(object, t)?.status === "True") && isHealthy(object, types)) {
        return undefined;
    }
    const said = unhappy(object, types);
    return foreign(object) ?? waiting(`${object.metadata.name}: ${said || "the operator is at work"}`, OPERATOR_LOG);
}

/** A revision's `state` also tells of what its dependants watch; only what was asked for counts. */
function isHealthy(object: KubeObject, types: string[]): boolean {
    return object.kind === "IstioRevision" || object.status?.state === "Healthy" || !types.includes("Ready");
}

function isBehind(object: KubeObject): boolean {
    return (object.status?.observedGeneration ?? 0) < (object.metadata.generation ?? 0);
}

function notNoticed(object: KubeObject): Verdict<never> {
    const { name, generation } = object.metadata;
    return object.status?.observedGeneration === undefined
        ? waiting(`${name}: the operator has not begun`, [
              "The operator may not be running:",
              "  oc get pods -n openshift-operators",
          ])
        : waiting(
              `${name}: the operator has yet to notice generation ${generation} of ${called(object.kind, { name })}`,
          );
}

/**
 * Helm takes over nothing that another installation made, and no retry ends that (trap 48: the ClusterRoleBinding
 * istio-cni of Service Mesh 2). Every other error of this operator was seen to heal (recorded: sail S1a, S1b, S3a).
 */
function foreign(object: KubeObject): Verdict<never> | undefined {
    const reconciled = condition(object, "Reconciled");
    const said = reconciled?.status === "False" ? (reconciled.message ?? "") : "";
    if (!/invalid ownership metadata/.test(said)) {
        return undefined;
    }
    const [, kind, name] = /(\w+) "([^"]+)" in namespace "[^"]*" exists/.exec(said) ?? [];
    return failed({
        object: called(object.kind, object.metadata),
        found: reconciled?.reason,
        expected: "to own what it installs",
        said,
        by: "the operator",
        todo: [
            `Another installation made ${kind ? `${kind} ${name}` : "it"}: Service Mesh 2, or Istio by hand.`,
            "Remove it when that installation has gone, or mark it as the message says.",
            ...(kind ? [`  oc get ${kind.toLowerCase()} ${name} -o yaml`] : []),
        ],
    });
}
