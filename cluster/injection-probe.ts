import { setTimeout as sleep } from "node:timers/promises";
import { isStatus, type Kube, KindMissing, KubeError, type KubeObject } from "../kube";
import type { Held } from "./gate";
import { type Need, need } from "./need";

const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
const PROXY = "istio-proxy";

/** A namespace and the labels by which its pods are injected. */
export interface Asking {
    namespace: string;
    labels: Readonly<Record<string, string>>;
    /** The revision that is to inject them, where the labels do not say it. */
    revision?: string;
}

const POD = { apiVersion: "v1", kind: "Pod" };
const TAG = { apiVersion: "sailoperator.io/v1", kind: "IstioRevisionTag" };

/** The right to a dry run, which is the right to the pod; and to what a tag means. */
export function needsToAsk(asking: readonly Asking[]): Need[] {
    const why = "asking in a dry run whether pods get their sidecars; nothing is stored";
    const tag = (name: string): Need => ({ ...need(TAG, ["get"], why, { name }), optional: true });
    return asking.flatMap(({ namespace, labels, revision }) => {
        const named = revision === undefined ? [labels["istio.io/rev"]] : [];
        const meant = revision === undefined && "istio-injection" in labels ? ["default"] : named;
        return [need(POD, ["create"], why, { namespace }), ...meant.flatMap((name) => (name ? [tag(name)] : []))];
    });
}

/**
 * Waits until a pod that asks for a sidecar would get one, in each of the namespaces, and from the control plane that the
 * namespace's labels name: labels say nothing of whether an injector answers for them, and while a namespace changes from
 * one mesh to another, the one that it leaves may still answer. Harmless: it asks the API server for a dry run, which calls
 * the injector (its webhook says that it has no side effects: istio/istio manifests/charts, mutatingwebhook) and stores
 * nothing. Returns what could not be found out, in words: where a quota, a security constraint or a missing right refuses
 * the pod, there is no telling, and nothing waits.
 */
export async function askForSidecars(asking: readonly Asking[], held: Held): Promise<string | undefined> {
    const untold = await Promise.all(asking.map((one) => askIn(one, held)));
    const said = untold.filter((word) => word !== undefined);
    return said.length ? said.join("; ") : undefined;
}

async function askIn(asking: Asking, held: Held): Promise<string | undefined> {
    const { namespace } = asking;
    for (let pause = SHORTEST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
        const answer = await ask(asking, held);
        if (answer.is === "injected") {
            return undefined;
        }
        if (answer.is === "untold") {
            return `${namespace}: whether pods get their sidecars cannot be asked (${answer.said})`;
        }
        held.waiting(`${namespace}: ${answer.said}`, [
            "The injector is the control plane's; what it answers for, and whether it runs:",
            "  oc get mutatingwebhookconfigurations -l app=sidecar-injector",
            `  oc get namespace ${namespace} --show-labels`,
        ]);
        await sleep(pause, undefined, { signal: held.signal });
    }
}

type Answer = { is: "injected" } | { is: "waiting" | "untold"; said: string };

async function ask({ namespace, labels, revision }: Asking, { kube }: Held): Promise<Answer> {
    try {
        const pod = await kube.create(podFor(namespace), { dryRun: true });
        if (!isInjected(pod)) {
            return { is: "waiting", said: "a pod that asks for a sidecar gets none" };
        }
        const [wanted, found] = [revision ?? (await revisionNamed(kube, labels)), revisionOf(pod)];
        return wanted === undefined || found === undefined || wanted === found
            ? { is: "injected" }
            : { is: "waiting", said: `a pod still gets its sidecar from ${found}, not yet from ${wanted}` };
    } catch (error) {
        const { message } = error as Error;
        return { is: isFinal(error) ? "untold" : "waiting", said: message };
    }
}

/** The revision that a namespace's labels mean: by its name, or by a tag's; undefined when that cannot be known. */
async function revisionNamed(kube: Kube, labels: Asking["labels"]): Promise<string | undefined> {
    // Where both are, this one counts (istio.io, canary upgrades).
    const name = labels["istio-injection"] === "enabled" ? "default" : labels["istio.io/rev"];
    if (name === undefined) {
        return undefined;
    }
    try {
        const tag = await kube.get({ ...TAG, name });
        return tag === undefined ? name : tag.status?.istioRevision;
    } catch (error) {
        return error instanceof KindMissing ? name : undefined;
    }
}

/** What the injector writes down (istio/istio, pkg/kube/inject: SidecarInjectionStatus); 1.1 has no revisions. */
function revisionOf({ metadata }: KubeObject): string | undefined {
    try {
        const { revision } = JSON.parse(metadata.annotations?.["sidecar.istio.io/status"] ?? "{}");
        return revision || metadata.annotations?.["istio.io/rev"];
    } catch {
        return metadata.annotations?.["istio.io/rev"];
    }
}

/**
 * Refused for a reason that no injector has to do with. A webhook that does not answer shows as an internal error; a
 * namespace made a moment ago has no service account yet.
 */
function isFinal(error: unknown): boolean {
    return (
        error instanceof KubeError &&
        error.status < 500 &&
        !isStatus(error, 404) &&
        !isStatus(error, 429) &&
        !/error looking up service account/.test(error.message)
    );
}

function podFor(namespace: string): KubeObject {
    return {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "sidecar-probe", namespace, labels: { "sidecar.istio.io/inject": "true" } },
        spec: {
            containers: [
                {
                    name: "probe",
                    image: "sidecar-probe.invalid/none",
                    resources: { requests: { cpu: "1m", memory: "1Mi" }, limits: { cpu: "1m", memory: "1Mi" } },
                    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
                },
            ],
            securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
        },
    };
}

function isInjected(pod: KubeObject): boolean {
    const all: { name: string }[] = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
    return all.some((c) => c.name === PROXY);
}
