import type { KubeObject } from "../../kube";
import { type LabelSelector, selects } from "./selector";

/** Whoever connects: a pod, or the router, which is only known by the namespace it counts as coming from. */
export interface Source {
    namespace: string;
    namespaceLabels: Record<string, string>;
    /** Absent for what is no pod. */
    podLabels?: Record<string, string>;
}

/** The pod that is connected to. */
export interface Target {
    namespace: string;
    labels: Record<string, string>;
    portNames?: Record<string, number>;
}

interface Rule {
    from?: { namespaceSelector?: LabelSelector; podSelector?: LabelSelector; ipBlock?: object }[];
    ports?: { port?: number | string; endPort?: number; protocol?: string }[];
}

/**
 * Whether a pod may be connected to at a port (networking.k8s.io/v1): one that no policy selects is open, another one
 * is reached as any of its policies allows. Address ranges are taken to name nobody inside the cluster.
 */
export function mayConnect(from: Source, to: Target, port: number, policies: KubeObject[]): boolean {
    const selecting = policies.filter(
        ({ metadata, spec }) =>
            metadata.namespace === to.namespace &&
            (spec?.policyTypes ?? ["Ingress"]).includes("Ingress") &&
            selects(spec?.podSelector, to.labels),
    );
    const rules: Rule[] = selecting.flatMap(({ spec }) => spec.ingress ?? []);
    return selecting.length === 0 || rules.some((rule) => takesFrom(rule, from, to) && takesAt(rule, to, port));
}

function takesFrom({ from: peers }: Rule, from: Source, to: Target): boolean {
    if (peers === undefined || peers.length === 0) {
        return true;
    }
    return peers.some(({ namespaceSelector, podSelector, ipBlock }) => {
        // The router is no pod that a selector of pods could name.
        const isPod = podSelector === undefined || from.podLabels !== undefined;
        const isNamespace =
            namespaceSelector === undefined
                ? from.namespace === to.namespace
                : selects(namespaceSelector, from.namespaceLabels);
        return ipBlock === undefined && isPod && isNamespace && selects(podSelector, from.podLabels);
    });
}

function takesAt({ ports }: Rule, { portNames = {} }: Target, port: number): boolean {
    if (ports === undefined || ports.length === 0) {
        return true;
    }
    return ports.some(({ port: wanted, endPort, protocol = "TCP" }) => {
        const first = typeof wanted === "string" ? portNames[wanted] : wanted;
        const isIn = first !== undefined && port >= first && port <= (endPort ?? first);
        return protocol === "TCP" && (wanted === undefined || isIn);
    });
}
