import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../../../kube";
import { type Condition, ready, type Verdict, waiting, words } from "../../verdict";
import { judgeRollout, selectorOf } from "../rollout";
import { DEPLOYMENT, type PieceJudge, type PieceReady, type PieceSnapshot } from "./piece";

/** A condition of the Gateway API, which each says for which generation it holds. */
type Said = Condition & { observedGeneration?: number };

/**
 * Gateway: accepted and programmed as it is written now, with its listeners, and the Deployment that istiod makes for it
 * rolled out. That Deployment must carry what the Gateway says of its infrastructure: istiod has then made it for this very
 * Gateway; the Gateway's own status only counts addresses (istio/istio, pilot/pkg/config/kube/gateway/conversion.go,
 * setProgrammedCondition).
 */
export const apiGateway: PieceJudge = {
    title: "gateway",
    watches: ({ metadata: { namespace } }, seen) => {
        const made = seen.pieces.map(deploymentOf)[0];
        const labelSelector = seen.workloads.map(selectorOf)[0];
        return [
            { as: "namespaces", kind: { apiVersion: "v1", kind: "Namespace" }, name: namespace },
            ...(made === undefined ? [] : [{ as: "workloads" as const, kind: DEPLOYMENT, namespace, name: made }]),
            ...(labelSelector === undefined
                ? []
                : [
                      { as: "pods" as const, kind: { apiVersion: "v1", kind: "Pod" }, namespace, labelSelector },
                      {
                          as: "replicaSets" as const,
                          kind: { ...DEPLOYMENT, kind: "ReplicaSet" },
                          namespace,
                          labelSelector,
                      },
                  ]),
        ];
    },
    later: ({ metadata: { namespace } }) => [
        // Its name has the Gateway's class in it.
        { kind: DEPLOYMENT, namespace },
        { kind: { ...DEPLOYMENT, kind: "ReplicaSet" }, namespace },
        { kind: { apiVersion: "v1", kind: "Pod" }, namespace },
        { kind: { apiVersion: "v1", kind: "Namespace" }, name: namespace },
    ],
    judge: judgeGateway,
    late: ({ metadata: { name, namespace } }) => [
        "What the control plane says of it, and whether it is there for its class:",
        `  oc get gateways.gateway.networking.k8s.io ${name} -n ${namespace} -o yaml; oc get gatewayclass istio -o yaml`,
    ],
};

function judgeGateway(object: KubeObject, seen: PieceSnapshot): Verdict<PieceReady> {
    const { name, namespace = "", generation = 0 } = object.metadata;
    const open = unmet(object.status?.conditions, ["Accepted", "Programmed"], generation);
    if (open !== undefined) {
        return waiting(`${name}: ${open.why}`);
    }
    const { open: behind, complaints } = listenersOf(object);
    if (behind !== undefined) {
        return waiting(`${name}: ${behind}`);
    }
    const made = deploymentOf(object);
    const deployment = seen.workloads.find((d) => d.metadata.name === made && d.metadata.namespace === namespace);
    if (deployment === undefined) {
        return waiting(`${name}: the control plane has yet to make Deployment ${made}`);
    }
    const { annotations = {}, labels = {} } = object.spec?.infrastructure ?? {};
    if (!holds(deployment.metadata.annotations, annotations) || !holds(deployment.metadata.labels, labels)) {
        return waiting(`${name}: the control plane has yet to make Deployment ${made} as it is to be now`);
    }
    const verdict = judgeRollout(seen, { kind: "Deployment", name: made, namespace, sidecar: false });
    if (verdict.is !== "ready") {
        return verdict;
    }
    const say = [verdict.say, ...complaints].join("; ");
    return ready({ say, ...(complaints.length === 0 ? {} : { amiss: complaints.join("; ") }) }, say);
}

/**
 * What is still open with its listeners: that in plain HTTP is everybody's and must be there. One in TLS is of a few hosts,
 * and lacks nothing but a certificate, which may come later: it keeps nobody else waiting.
 */
function listenersOf({ metadata: { generation = 0 }, spec, status }: KubeObject): {
    open?: string;
    complaints: string[];
} {
    const complaints: string[] = [];
    for (const { name, tls } of (spec?.listeners ?? []) as { name: string; tls?: object }[]) {
        const conditions: Said[] | undefined = (status?.listeners ?? []).find(
            (l: { name: string }) => l.name === name,
        )?.conditions;
        const wrong = unmet(conditions, ["ResolvedRefs", "Accepted", "Programmed"], generation);
        const why = `listener ${name}: ${wrong?.why}`;
        if (wrong !== undefined && (tls === undefined || !wrong.isSaid)) {
            return { open: why, complaints };
        }
        complaints.push(...(wrong === undefined ? [] : [why]));
    }
    return { complaints };
}

/** What istiod makes for a Gateway is called after it and its class (istio/istio, deploymentcontroller.go). */
function deploymentOf({ metadata, spec }: KubeObject): string {
    return `${metadata.name}-${spec?.gatewayClassName}`;
}

function holds(all: Record<string, string> | undefined, some: Record<string, string>): boolean {
    return Object.entries(some).every(([key, value]) => all?.[key] === value);
}

interface ParentStatus {
    parentRef: Record<string, unknown>;
    conditions?: Said[];
}

/** HTTPRoute: each of its Gateways has taken it in as it is written now, and found where it leads. */
export const httpRoute: PieceJudge = {
    title: "HTTPRoute",
    judge(object) {
        const { name, generation = 0 } = object.metadata;
        const parents: ParentStatus[] = object.status?.parents ?? [];
        for (const wanted of object.spec?.parentRefs ?? []) {
            const status = parents.find(({ parentRef }) => isDeepStrictEqual(refOf(parentRef), refOf(wanted)));
            const open = unmet(status?.conditions, ["Accepted", "ResolvedRefs"], generation);
            if (open !== undefined) {
                return waiting(`${name}: Gateway ${wanted.namespace ?? ""}/${wanted.name}: ${open.why}`, [
                    "The Gateway lets in namespaces by their labels:",
                    `  oc get namespace ${object.metadata.namespace} --show-labels`,
                ]);
            }
        }
        const hosts: string[] = object.spec?.hostnames ?? [];
        const say = `${hosts.join(", ")}: taken in by the Gateway`;
        return ready({ say }, say);
    },
    late: ({ metadata: { name, namespace } }) => [`  oc get httproute ${name} -n ${namespace} -o yaml`],
};

/** What tells one parent from another; what the API server fills in is left out. */
function refOf({ name, namespace, sectionName, port }: Record<string, unknown>): object {
    return { name, namespace, sectionName, port };
}

interface Unmet {
    /** It was said for this generation that it is not so. */
    isSaid: boolean;
    why: string;
}

/** The first condition that is not yet true of this generation, in its own words; undefined when all are. */
function unmet(conditions: Said[] | undefined, types: string[], generation: number): Unmet | undefined {
    for (const type of types) {
        const said = conditions?.find((c) => c.type === type);
        if (said === undefined || (said.observedGeneration ?? 0) < generation) {
            return { isSaid: false, why: `the control plane has yet to say whether it is ${INQUIRED[type]}` };
        }
        if (said.status !== "True") {
            return { isSaid: true, why: `not ${INQUIRED[type]}: ${words(said)}` };
        }
    }
    return undefined;
}

const INQUIRED: Record<string, string> = {
    Accepted: "accepted",
    Programmed: "programmed",
    ResolvedRefs: "complete",
};
