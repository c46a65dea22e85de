import { randomBytes } from "node:crypto";
import type { Kube, KubeObject } from "../../kube";
import type { VerifiedService } from "../environment";
import { CURL_RESETS, type Outcome } from "./outcome";
import { hostInside } from "./plan";

export interface ProbeOptions {
    /** Has a shell and curl. */
    image: string;
    signal: AbortSignal;
    timeoutMs?: number;
}

/** The label of every probe pod; its value says which run it is of. */
export const PROBE_LABEL = "openshift-mesh/verify";

const POD = { apiVersion: "v1", kind: "Pod" };
const TIMEOUT_MS = 120_000;
/** A run that was killed leaves a pod behind; one that is so old is nobody's any more. */
const LEFT_BEHIND_MS = 10 * 60_000;
/** For the pod itself, should nobody delete it. */
const DEADLINE_S = 180;

/**
 * What curl hears: its exit code and the status, what it complains of, and the body; said where a pod's end is written
 * down, since that needs no right to read logs.
 */
const SCRIPT = [
    'status=$(curl -sS -m 10 -o /tmp/body -w "%{http_code}" "$@" 2>/tmp/said)',
    'echo "$? $status" > /tmp/end',
    "head -n 1 /tmp/said >> /tmp/end; [ -s /tmp/said ] || echo >> /tmp/end",
    "[ -f /tmp/body ] && head -c 1000 /tmp/body >> /tmp/end",
    "cat /tmp/end > /dev/termination-log",
].join("\n");

/**
 * Asks each service from a pod without sidecar in a member namespace, and deletes the pod whatever happens. Outcomes
 * are in the order of the services. Errors: the API server's refusal to make the pod, or to delete it.
 */
export async function probeFromPod(
    kube: Kube,
    namespace: string,
    services: VerifiedService[],
    options: ProbeOptions,
): Promise<Outcome[]> {
    await removeLeftBehind(kube, namespace);
    const run = randomBytes(4).toString("hex");
    const pod = podOf(run, namespace, services, options.image);
    try {
        await kube.create(pod);
        const ended = await end(kube, pod, options);
        return services.map((_, i) => outcomeOf(ended, containerName(i)));
    } finally {
        await kube.delete({ ...POD, namespace, name: pod.metadata.name }, { propagationPolicy: "Background" });
    }
}

async function removeLeftBehind(kube: Kube, namespace: string): Promise<void> {
    const pods = await kube.list(POD, { namespace, labelSelector: PROBE_LABEL });
    const old = pods.filter((p) => Date.now() - Date.parse(p.metadata.creationTimestamp ?? "") > LEFT_BEHIND_MS);
    await Promise.all(old.map(({ metadata: { name } }) => kube.delete({ ...POD, namespace, name })));
}

function containerName(index: number): string {
    return `probe-${index}`;
}

export function podOf(run: string, namespace: string, services: VerifiedService[], image: string): KubeObject {
    return {
        ...POD,
        metadata: {
            name: `mesh-verify-${run}`,
            namespace,
            labels: { [PROBE_LABEL]: run, "sidecar.istio.io/inject": "false" },
            annotations: { "sidecar.istio.io/inject": "false" },
        },
        spec: {
            restartPolicy: "Never",
            activeDeadlineSeconds: DEADLINE_S,
            automountServiceAccountToken: false,
            terminationGracePeriodSeconds: 0,
            securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
            containers: services.map((service, i) => ({
                name: containerName(i),
                image,
                command: ["sh", "-c", SCRIPT, "probe", ...curlArguments(service)],
                securityContext: {
                    allowPrivilegeEscalation: false,
                    readOnlyRootFilesystem: true,
                    capabilities: { drop: ["ALL"] },
                },
                resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "64Mi" } },
                volumeMounts: [{ name: containerName(i), mountPath: "/tmp" }],
            })),
            volumes: services.map((_, i) => ({ name: containerName(i), emptyDir: {} })),
        },
    };
}

function curlArguments(service: VerifiedService): string[] {
    const { method, path, body, contentType } = service.check;
    return [
        ...(method === "HEAD" ? ["--head"] : ["-X", method]),
        ...(body === undefined ? [] : ["-H", `content-type: ${contentType}`, "--data-binary", body]),
        `http://${hostInside(service)}${path}`,
    ];
}

/** The pod once every container has ended, or as it was when the time was up. */
async function end(kube: Kube, pod: KubeObject, options: ProbeOptions): Promise<KubeObject> {
    const stop = new AbortController();
    const aborted = (): void => stop.abort(options.signal.reason);
    options.signal.addEventListener("abort", aborted);
    const timer = setTimeout(() => stop.abort(), options.timeoutMs ?? TIMEOUT_MS);
    let last = pod;
    try {
        return await new Promise<KubeObject>((resolve) => {
            stop.signal.addEventListener("abort", () => resolve(last));
            if (options.signal.aborted) {
                stop.abort();
            }
            kube.watch(POD, {
                namespace: pod.metadata.namespace,
                name: pod.metadata.name,
                signal: stop.signal,
                onEvent: (type, seen) => {
                    last = seen;
                    if (type === "DELETED" || ["Succeeded", "Failed"].includes(seen.status?.phase)) {
                        resolve(seen);
                    }
                },
            });
        });
    } finally {
        clearTimeout(timer);
        stop.abort();
        options.signal.removeEventListener("abort", aborted);
    }
}

function outcomeOf(pod: KubeObject, container: string): Outcome {
    const all: { name: string; state?: any }[] = pod.status?.containerStatuses ?? [];
    const state = all.find((c) => c.name === container)?.state;
    if (!state?.terminated) {
        const { reason, message } = state?.waiting ?? {};
        const why =
            [reason, message].filter(Boolean).join(": ") || pod.status?.message || pod.status?.phase || "Pending";
        return { is: "failure", said: `the probe pod did not run: ${why}` };
    }
    return heard(state.terminated.message ?? "");
}

/** What the script has written down. */
export function heard(text: string): Outcome {
    const [codes = "", said = "", ...body] = text.split("\n");
    const [, exit, status] = /^(\d+) (\d+)$/.exec(codes.trim()) ?? [];
    if (exit === undefined) {
        return { is: "failure", said: "the probe pod said nothing" };
    }
    if (exit === "0") {
        return { is: "answer", status: Number(status), headers: {}, body: body.join("\n") };
    }
    const words = said.replace(/^curl: \(\d+\) /, "").trim();
    return CURL_RESETS.includes(Number(exit))
        ? { is: "reset", said: `${words || "Connection reset by peer"} (curl exit ${exit})` }
        : { is: "failure", said: words || `curl exit ${exit}` };
}
