import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Kube, KubeObject } from "../../../kube";
import { Authority } from "../../../lab/control-plane/certificates";

const FOLDER = join(__dirname, "../../fixtures/traces/gateway-api");

/** What istiod makes or speaks of, by kind; of Deployments only some have been kept whole. */
const KINDS: Record<string, string> = {
    Gateway: "gateway.networking.k8s.io/v1",
    HTTPRoute: "gateway.networking.k8s.io/v1",
    GatewayClass: "gateway.networking.k8s.io/v1",
    Deployment: "apps/v1",
    Service: "v1",
    ServiceAccount: "v1",
    HorizontalPodAutoscaler: "autoscaling/v2",
    PodDisruptionBudget: "policy/v1",
};

/** Of these it is only looked at what istiod says. */
const JUDGED = ["Gateway", "HTTPRoute"];
/** Of these only at what it asks for. */
const MADE = ["Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"];

const PASSING = ["lastTransitionTime", "clusterIP", "clusterIPs", "nodePort"];
const REVISION = "deployment.kubernetes.io/revision";

type Found = Record<string, object>;

/** What was created before istiod's eyes; the certificate of Secret "good" is made here. */
export async function objects(): Promise<KubeObject[]> {
    const { cert, key } = await (await Authority.create("test")).issue("t", ["t.apps.example.com"]);
    const stringData = { "tls.crt": cert, "tls.key": key };
    return lines("objects").map(({ data, ...object }) =>
        object.kind === "Secret" && object.metadata.name === "good"
            ? { ...object, stringData }
            : { ...object, ...(data ? { data } : {}) },
    );
}

/** What there was in the end, by kind and name. */
export function recorded(): Found {
    return Object.fromEntries(lines("found").map(({ kind, ...rest }) => [keyOf(kind, rest.metadata), rest]));
}

/** What there is now, in the same words. */
export async function found(kube: Kube): Promise<Found> {
    const [then, namespaces] = [recorded(), lines("objects").filter(({ kind }) => kind === "Namespace")];
    const known = ["", ...namespaces.map(({ metadata }) => metadata.name)];
    const all = await Promise.all(
        Object.entries(KINDS).map(async ([kind, apiVersion]) => {
            const here = await kube.list({ apiVersion, kind });
            return here
                .filter(({ metadata }) => known.includes(metadata.namespace ?? "") && metadata.name !== "default")
                .filter(({ metadata }) => kind !== "Service" || metadata.namespace === "gw")
                .map((object): [string, object] => {
                    const key = keyOf(kind, object.metadata);
                    const short = kind === "Deployment" && !("spec" in (then[key] ?? {}) && (then[key] as any).spec);
                    return [key, condensed(kind, object, !short)];
                });
        }),
    );
    return Object.fromEntries(all.flat());
}

function condensed(kind: string, { metadata, spec, status }: KubeObject, whole: boolean): object {
    const { name, namespace, labels, annotations, ownerReferences } = metadata;
    const { [REVISION]: _, ...own } = annotations ?? {};
    const text = JSON.stringify({
        metadata: {
            name,
            namespace,
            ...(Object.keys(own).length > 0 ? { annotations: own } : annotations ? { annotations: {} } : {}),
            labels,
            ownerReferences: ownerReferences?.map(({ uid: _uid, ...owner }) => owner),
        },
        spec: whole && !JUDGED.includes(kind) ? spec : undefined,
        status: MADE.includes(kind) ? undefined : status,
    });
    return JSON.parse(text, (key, value) => (PASSING.includes(key) ? undefined : value));
}

function keyOf(kind: string, { namespace = "", name }: { namespace?: string; name: string }): string {
    return `${kind} ${namespace}/${name}`;
}

function lines(file: string): any[] {
    return readFileSync(join(FOLDER, `${file}.jsonl`), "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line));
}
