import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../../kube";
import { asOf14 } from "./istio";
import { asOf2 } from "./istio-2";
import { crdsOfModule, GATEWAY_API, ISTIO, ROUTE } from "./modules";
import { sailCrdsOf } from "./sail";
import { sailReleaseOf } from "./sail-versions";

export { installCrds } from "./install";

/** What a cluster has before anybody installs an operator. */
export async function baseCrds(): Promise<KubeObject[]> {
    const files = ["olm", "openshift", "monitoring", "builds", "tekton"].map((name) => crdsOfFile(name));
    return (await Promise.all([...files, routeCrd()])).flat();
}

/** OpenShift's Route, from openshift/api. */
export async function routeCrd(): Promise<KubeObject[]> {
    return crdsOfModule(ROUTE);
}

/** The Gateway API's, which an administrator installs where OpenShift does not bring them (it does from 4.19 on). */
export async function gatewayApiCrds(): Promise<KubeObject[]> {
    return crdsOfModule(GATEWAY_API);
}

/** Those that a 1.1 control plane installs: Istio 1.4's kinds, with the schemas of istio.io/api. */
export async function istioCrds(): Promise<KubeObject[]> {
    return asOf14(await crdsOfModule(ISTIO));
}

/** Those that a control plane 2.x installs. */
export async function istioCrdsOf2(): Promise<KubeObject[]> {
    return asOf2(await crdsOfModule(ISTIO));
}

/** Those that come with the CSV of the Service Mesh operator 1.1. */
export function maistraCrds(): Promise<KubeObject[]> {
    return crdsOfFile("maistra");
}

/** Those that come with the CSV of the Service Mesh operator 2. */
export function maistra2Crds(): Promise<KubeObject[]> {
    return crdsOfFile("maistra-2");
}

/** Those of its own that come with a CSV of the Service Mesh operator 3. */
export async function sailCrds(csvName: string): Promise<KubeObject[]> {
    return sailCrdsOf(sailReleaseOf(csvName));
}

/** Istio's kinds as they come with the Service Mesh operator 3, with the schemas of istio.io/api. */
export async function istioCrdsOf3(): Promise<KubeObject[]> {
    return crdsOfModule(ISTIO);
}

export function tempoCrds(): Promise<KubeObject[]> {
    return crdsOfFile("tempo");
}

export function opentelemetryCrds(): Promise<KubeObject[]> {
    return crdsOfFile("opentelemetry");
}

export function kialiCrds(): Promise<KubeObject[]> {
    return crdsOfFile("kiali");
}

export function jaegerCrds(): Promise<KubeObject[]> {
    return crdsOfFile("jaeger");
}

export function elasticsearchCrds(): Promise<KubeObject[]> {
    return crdsOfFile("elasticsearch");
}

async function crdsOfFile(name: string): Promise<KubeObject[]> {
    const text = await readFile(join(__dirname, `${name}.yaml`), "utf8");
    return parseAllDocuments(text).map((document) => document.toJS());
}
