import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Kube, KubeObject } from "../../kube";

type Container = { env?: any[]; envFrom?: any[]; volumeMounts?: any[] };

/** What a container gets to see of the API server's objects. */
export interface ContainerInputs {
    env: Record<string, string>;
}

/**
 * The environment of a container, with the files of its ConfigMaps and Secrets written below `root`; where a variable
 * names such a file's place, it names the place below `root`. Errors: an object or a key that is not there.
 */
export async function containerInputs(
    kube: Kube,
    pod: KubeObject,
    container: Container,
    root: string,
): Promise<ContainerInputs> {
    const reader = new Reader(kube, pod);
    const env: Record<string, string> = {};
    for (const { prefix = "", configMapRef, secretRef } of container.envFrom ?? []) {
        const data = await reader.data(configMapRef ? "ConfigMap" : "Secret", configMapRef ?? secretRef);
        Object.entries(data).forEach(([key, value]) => (env[`${prefix}${key}`] = value.toString()));
    }
    for (const { name, value, valueFrom } of container.env ?? []) {
        const given = valueFrom === undefined ? (value ?? "") : await reader.value(valueFrom);
        if (given !== undefined) {
            env[name] = given.replace(/\$\(([\w.-]+)\)/g, (text: string, other: string) => env[other] ?? text);
        }
    }
    const mounts = await writeVolumes(reader, pod, container, root);
    for (const [name, value] of Object.entries(env)) {
        env[name] = mounts.reduce((text, mount) => text.replaceAll(mount, join(root, join("/", mount))), value);
    }
    return { env };
}

/** Gives the paths at which files were asked for. */
async function writeVolumes(reader: Reader, pod: KubeObject, container: Container, root: string): Promise<string[]> {
    const mounts: string[] = [];
    for (const { name, mountPath } of container.volumeMounts ?? []) {
        const volume = (pod.spec.volumes ?? []).find((each: { name: string }) => each.name === name);
        const source = volume?.configMap ?? volume?.secret;
        if (source === undefined) {
            continue;
        }
        const ref = { name: source.name ?? source.secretName, optional: source.optional };
        const data = await reader.data(volume.configMap ? "ConfigMap" : "Secret", ref);
        const paths: Map<string, string> = new Map((source.items ?? []).map((item: any) => [item.key, item.path]));
        const folder = join(root, join("/", mountPath));
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        for (const [key, value] of Object.entries(data).filter(([key]) => paths.size === 0 || paths.has(key))) {
            const file = join(folder, paths.get(key) ?? key);
            mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
            writeFileSync(file, value, { mode: 0o600 });
        }
        mounts.push(mountPath);
    }
    return mounts;
}

type Source = "ConfigMap" | "Secret";

class Reader {
    constructor(
        private readonly kube: Kube,
        private readonly pod: KubeObject,
    ) {}

    async data(kind: Source, ref: { name: string; optional?: boolean }): Promise<Record<string, Buffer>> {
        const { namespace } = this.pod.metadata;
        const found = await this.kube.get({ apiVersion: "v1", kind, namespace, name: ref.name });
        if (found === undefined && !ref.optional) {
            throw new Error(`${kind.toLowerCase()} "${ref.name}" not found`);
        }
        const text = kind === "ConfigMap" ? "utf8" : "base64";
        const decoded = (part: Record<string, string> | undefined, encoding: "utf8" | "base64") =>
            Object.entries(part ?? {}).map(([key, value]) => [key, Buffer.from(value, encoding)]);
        return Object.fromEntries([...decoded(found?.data, text), ...decoded(found?.binaryData, "base64")]);
    }

    async value({ secretKeyRef, configMapKeyRef, fieldRef }: any): Promise<string | undefined> {
        if (fieldRef !== undefined) {
            return this.field(fieldRef.fieldPath);
        }
        const ref = secretKeyRef ?? configMapKeyRef;
        if (ref === undefined) {
            return undefined;
        }
        const kind: Source = secretKeyRef ? "Secret" : "ConfigMap";
        const value = (await this.data(kind, ref))[ref.key];
        if (value === undefined && !ref.optional) {
            throw new Error(`couldn't find key ${ref.key} in ${kind} ${this.pod.metadata.namespace}/${ref.name}`);
        }
        return value?.toString();
    }

    private field(path: string): string {
        const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
        if (keyed) {
            return this.pod.metadata[keyed[1] as "labels" | "annotations"]?.[keyed[2]] ?? "";
        }
        return String(path.split(".").reduce<any>((value, part) => value?.[part], this.pod) ?? "");
    }
}
