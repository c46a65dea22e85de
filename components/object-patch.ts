import * as pulumi from "@pulumi/pulumi";
import { type Need, need } from "../cluster/need";
import { type ClusterProvider, configure, type ForeignCluster, foreignCluster } from "./foreign-cluster";

/** One string on an object that somebody else made. */
export interface ObjectPatchArgs {
    apiVersion: string;
    kind: string;
    /** Absent for an object of the whole cluster. */
    namespace?: pulumi.Input<string>;
    name: string;
    /** Where the string is, e.g. ["metadata", "labels", "maistra.io/expose-route"]. */
    path: string[];
    value: pulumi.Input<string>;
}

/** The rights to set and to take back; what is there is looked at in each preview as well. */
export function needsToPatch(args: PatchedRef): Record<"reads" | "writes", Need[]> {
    const { namespace, name, path } = args;
    const why = `${path.at(-1)} on what others made`;
    return {
        reads: [need(args, ["get"], why, { namespace, name })],
        writes: [need(args, ["patch"], why, { namespace, name })],
    };
}

type PatchedRef = Pick<Inputs, "apiVersion" | "kind" | "namespace" | "name" | "path">;

interface Inputs {
    apiVersion: string;
    kind: string;
    namespace?: string;
    name: string;
    path: string[];
    value: string;
}

interface Outputs extends Inputs {
    /** What stood there before, and comes back when the patch goes; absent if nothing did. */
    previous?: string;
    /** Which object was patched: one of the same name that was made later is not ours to mend. */
    uid: string;
}

const provider: ClusterProvider = {
    configure,

    async create(this: ClusterProvider, inputs: Inputs) {
        const cluster = foreignCluster(this);
        const outs = await put(cluster, inputs);
        return { id: `${inputs.kind}/${place(inputs)}/${inputs.path.join(".")}`, outs };
    },

    async diff(this: ClusterProvider, _id: string, olds: Outputs, news: Inputs) {
        const replaces = (["apiVersion", "kind", "namespace", "name", "path"] as const).filter(
            (key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]),
        );
        // Also when somebody took it off again, or made the object anew.
        const live = await foreignCluster(this).read(refer(olds));
        const drifted = live !== undefined && at(live, olds.path) !== olds.value;
        return { changes: replaces.length > 0 || drifted || olds.value !== news.value, replaces };
    },

    async update(this: ClusterProvider, _id: string, olds: Outputs, news: Inputs) {
        const outs = await put(foreignCluster(this), news);
        if (outs.uid === olds.uid && at(outs, ["previous"]) === olds.value) {
            delete outs.previous;
            return { outs: olds.previous === undefined ? outs : { ...outs, previous: olds.previous } };
        }
        return { outs };
    },

    async delete(this: ClusterProvider, _id: string, outs: Outputs) {
        const cluster = foreignCluster(this);
        const live = await cluster.read(refer(outs));
        // Gone, made anew by its owner, or changed by somebody since: then there is nothing of ours on it.
        if (live && live.metadata.uid === outs.uid && at(live, outs.path) === outs.value) {
            await cluster.merge(live, nest(outs.path, outs.previous ?? null));
        }
    },
};

async function put(cluster: ForeignCluster, inputs: Inputs): Promise<Outputs> {
    const live = await cluster.read(refer(inputs));
    if (!live || !(await cluster.merge(live, nest(inputs.path, inputs.value)))) {
        throw new Error(`${inputs.kind} ${place(inputs)} does not exist, and is not made here`);
    }
    const previous = at(live, inputs.path);
    return { ...inputs, uid: live.metadata.uid, ...(previous === undefined ? {} : { previous }) };
}

function place({ namespace, name }: Inputs): string {
    return namespace === undefined ? name : `${namespace}/${name}`;
}

function refer(o: Inputs) {
    return { apiVersion: o.apiVersion, kind: o.kind, metadata: { name: o.name, namespace: o.namespace } };
}

function at(object: any, path: string[]): string | undefined {
    return path.reduce((value, key) => (value === undefined || value === null ? undefined : value[key]), object);
}

function nest(path: string[], value: string | null): object {
    return path.reduceRight<any>((inner, key) => ({ [key]: inner }), value);
}

/**
 * Sets one string on an object that exists and belongs to somebody else, touches nothing else of it, and puts back what was
 * there when it is deleted; also when the object has gone meanwhile. Never creates the object. Errors: it does not exist.
 */
export class ObjectPatch extends pulumi.dynamic.Resource {
    constructor(name: string, args: ObjectPatchArgs, opts: pulumi.CustomResourceOptions) {
        // Its own code is no reason to replace what it stands for: what was done is undone by the code that did it.
        const kept = pulumi.mergeOptions(opts, { ignoreChanges: ["__provider"] });
        super(provider, name, { ...args }, kept, "mesh", "ObjectPatch");
    }
}
