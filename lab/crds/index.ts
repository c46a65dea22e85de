import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../../kube";
import { asOf14 } from "./istio";
import { crdsOfModule, ISTIO, ROUTE } from "./modules";

export { installCrds } from "./install";

/** What a cluster has before anybody installs an operator. */
export async function baseCrds(): Promise<KubeObject[]> {
    const groups = [crdsOfFile("olm"), crdsOfFile("openshift"), crdsOfFile("builds"), crdsOfFile("tekton"), routeCrd()];
    return (await Promise.all(groups)).flat();
}

/** OpenShift's Route, from openshift/api. */
export async function routeCrd(): Promise<KubeObject[]> {
    return crdsOfModule(ROUTE);
}

/** Those that a 1.1 control plane installs: Istio 1.4's kinds, with the schemas of istio.io/api. */
export async function istioCrds(): Promise<KubeObject[]> {
    return asOf14(await crdsOfModule(ISTIO));
}

/** Those that come with the CSV of the Service Mesh operator 1.1. */
export function maistraCrds(): Promise<KubeObject[]> {
    return crdsOfFile("maistra");
}

/** Those that come with the CSV of the Service Mesh operator 2. */
export function maistra2Crds(): Promise<KubeObject[]> {
    return crdsOfFile("maistra-2");
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
