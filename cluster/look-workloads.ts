import type { KubeObject } from "../kube";
import { type ListenerFact, MARK, type RouteFact, type WorkloadFact } from "./facts";
import { isAdmitted } from "./verdicts/routes";

const EXPOSE = "maistra.io/expose-route";
const INJECT = "sidecar.istio.io/inject";

interface Behind {
    services: KubeObject[];
    listeners: KubeObject[];
    workloads: KubeObject[];
}

export function routeFacts(routes: KubeObject[], behind: Behind): RouteFact[] {
    return routes.map((route) => {
        const { namespace = "", name, labels = {}, annotations } = route.metadata;
        const port = route.spec?.port?.targetPort;
        return {
            namespace,
            name,
            host: route.spec?.host ?? "",
            to: route.spec?.to?.name ?? "",
            port: port === undefined ? undefined : String(port),
            labels,
            mark: annotations?.[MARK],
            admitted: isAdmitted(route),
            listener: listenerBehind(route, behind),
            exposed: isExposed(route, behind),
        };
    });
}

/**
 * The EventListener whose Service a Route points to. Tekton names it el-<listener>, owns it, labels it, and says its
 * name in the listener's status (tektoncd/triggers pkg/reconciler/eventlistener); releases differ in which of these
 * they do.
 */
function listenerBehind(route: KubeObject, { services, listeners }: Behind): string | undefined {
    const { namespace } = route.metadata;
    const to: string | undefined = route.spec?.to?.name;
    const service = services.find((s) => s.metadata.name === to && s.metadata.namespace === namespace);
    const owner = service?.metadata.ownerReferences?.find((o) => o.kind === "EventListener")?.name;
    const label = service?.metadata.labels?.eventlistener;
    return listeners.find(
        (l) =>
            l.metadata.namespace === namespace &&
            (l.metadata.name === owner ||
                l.metadata.name === label ||
                l.status?.configuration?.generatedName === to ||
                `el-${l.metadata.name}` === to),
    )?.metadata.name;
}

/** Whether the workload that its Service selects puts the label on its pods. */
function isExposed(route: KubeObject, { services, workloads }: Behind): boolean {
    const { namespace } = route.metadata;
    const service = services.find(
        (s) => s.metadata.name === route.spec?.to?.name && s.metadata.namespace === namespace,
    );
    const selector = Object.entries<string>(service?.spec?.selector ?? {});
    return workloads.some((w) => {
        const labels: Record<string, string> = w.spec?.template?.metadata?.labels ?? {};
        const selected = selector.length > 0 && selector.every(([k, v]) => labels[k] === v);
        return w.metadata.namespace === namespace && selected && labels[EXPOSE] === "true";
    });
}

export function listenerFacts(listeners: KubeObject[]): ListenerFact[] {
    return listeners.map((l) => ({
        apiVersion: l.apiVersion,
        namespace: l.metadata.namespace ?? "",
        name: l.metadata.name,
        exposed: l.metadata.labels?.[EXPOSE] === "true",
    }));
}

export function workloadFacts(workloads: KubeObject[]): WorkloadFact[] {
    return workloads.map((w) => {
        const template = w.spec?.template ?? {};
        return {
            namespace: w.metadata.namespace ?? "",
            kind: w.kind as WorkloadFact["kind"],
            name: w.metadata.name,
            containers: (template.spec?.containers ?? []).map((c: { name: string }) => c.name),
            injected: template.metadata?.labels?.[INJECT] ?? template.metadata?.annotations?.[INJECT],
            mark: w.metadata.annotations?.[MARK],
        };
    });
}
