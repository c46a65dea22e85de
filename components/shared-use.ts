import * as pulumi from "@pulumi/pulumi";
import { MARK } from "../cluster/facts";
import { type Need, need } from "../cluster/need";
import { type ClusterProvider, configure, foreignCluster } from "./foreign-cluster";

export interface SharedUseArgs {
    /** What there is one of in a cluster, for people: "IstioCNI default". */
    what: string;
    /** The kinds of object that need it. */
    users: { apiVersion: string; kind: string }[];
    /** The annotation that marks objects, and this stack's value of it. */
    mark: { annotation: string; value: string };
}

/** The right to see who needs it. */
export function needsToShare({ what, users }: Pick<SharedUseArgs, "what" | "users">): Need[] {
    return users.map((kind) => need(kind, ["list"], `whether others need ${what}, before it goes`));
}

const provider: ClusterProvider = {
    configure,

    async create(inputs: SharedUseArgs) {
        return { id: inputs.what, outs: inputs };
    },

    async update(_id: string, _olds: SharedUseArgs, news: SharedUseArgs) {
        return { outs: news };
    },

    async diff(_id: string, olds: SharedUseArgs, news: SharedUseArgs) {
        return { changes: JSON.stringify([olds.users, olds.mark]) !== JSON.stringify([news.users, news.mark]) };
    },

    async delete(this: ClusterProvider, _id: string, inputs: SharedUseArgs) {
        const cluster = foreignCluster(this);
        const { annotation, value } = inputs.mark;
        const others: string[] = [];
        for (const { apiVersion, kind } of inputs.users) {
            const found = await cluster.list(apiVersion, kind);
            others.push(
                ...found
                    .filter((o) => !o.metadata.deletionTimestamp && o.metadata.annotations?.[annotation] !== value)
                    .map((o) => `${kind} ${o.metadata.namespace ? `${o.metadata.namespace}/` : ""}${o.metadata.name}`),
            );
        }
        if (others.length > 0) {
            throw new Error(
                `${inputs.what} is still needed by ${others.join(", ")}, which this stack did not make. Remove these first; ` +
                    `or leave it to their owners: take it and this resource out of the stack with "pulumi state delete"`,
            );
        }
    },
};

/**
 * Stands on an object of which a cluster has one, and keeps it from going while other stacks' meshes live by it. Errors, at
 * its removal: somebody else still needs the object.
 */
export class SharedUse extends pulumi.dynamic.Resource {
    constructor(
        name: string,
        args: Omit<SharedUseArgs, "mark"> & { stack: string },
        opts: pulumi.CustomResourceOptions,
    ) {
        const { stack, ...rest } = args;
        // Its own code is no reason to replace what it stands for: what was done is undone by the code that did it.
        const kept = pulumi.mergeOptions(opts, { ignoreChanges: ["__provider"] });
        super(provider, name, { ...rest, mark: { annotation: MARK, value: stack } }, kept, "mesh", "SharedUse");
    }
}
