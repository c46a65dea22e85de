import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { membershipGate } from "../cluster/gates";
import type { MeshConfig } from "../config/schema";
import type { Piece } from "../dialects";
import { COMPULSORY_NAME, memberSpec, rollSpec, selectorRollSpec } from "../specs/membership";
import { marked } from "../specs/meta";
import { type Context, everyOne, held, present, type Ready } from "./context";
import { guarded } from "./custom";
import { labelNamespace } from "./namespace-labels";
import { makePieces } from "./pieces";

/** A namespace that joins. */
export interface JoiningNamespace {
    name: pulumi.Input<string>;
    /** Set when the namespace is ours: it then carries its labels from the beginning. */
    own?: k8s.core.v1.Namespace;
    /** False for one that the mesh has to know, but whose pods are another mesh's for the time being. */
    joins: boolean;
    /** Labels by which it joins; their keys are plain. */
    labels: Record<string, pulumi.Input<string>>;
    /** What is made in it, and the same as it is in the cluster. */
    pieces: Piece[];
    piecesInCluster: pulumi.Output<Piece[]>;
}

export interface MembershipArgs {
    /**
     * `roll`: the platform lists the members. `selectors`: it tells them by their labels. `member`: each namespace asks
     * for itself. `labels`: there is no roll, the labels are all.
     */
    by: MeshConfig["membership"];
    controlPlane: pulumi.Input<{ name: string; namespace: string }>;
    /** By the key in mesh:namespaces. */
    namespaces: Record<string, JoiningNamespace>;
    networkType?: string;
    /** Namespaces that joined by themselves, and that the roll names too. */
    others?: string[];
}

/**
 * Namespaces that belong to the mesh. Ready when the mesh has really taken every one of them: pods that were made a
 * moment earlier would have no sidecar, and nobody would say so.
 */
export class Membership extends pulumi.ComponentResource {
    /** Every namespace that the mesh has really configured, by this stack or another. */
    readonly configured: pulumi.Output<string[]>;
    readonly ready: Ready;

    constructor(name: string, args: MembershipArgs, context: Context, opts: pulumi.ComponentResourceOptions) {
        super("mesh:index:Membership", name, {}, opts);
        const keys = Object.keys(args.namespaces).sort();
        const joining = keys.filter((key) => args.namespaces[key].joins);
        const names = pulumi.all(joining.map((key) => args.namespaces[key].name));
        const controlPlane = pulumi.output(args.controlPlane);
        // After the control plane, without which nobody would take them, and after the exceptions, so that their Routes are
        // never cut off.
        const after = opts.dependsOn as Ready;
        const labels = keys.flatMap((key) =>
            args.namespaces[key].own === undefined
                ? labelNamespace(key, args.namespaces[key].labels, { parent: this, dependsOn: after })
                : [],
        );
        const labelled = present(...labels);
        const asked = this.ask(name, args, context, everyOne(after, labelled));
        const wantedLabels = pulumi.all(joining.map((key) => pulumi.all(args.namespaces[key].labels)));
        const gate = pulumi.all([names, controlPlane, wantedLabels]).apply(([wanted, cp, each]) =>
            membershipGate({
                by: args.by,
                controlPlane: cp,
                namespaces: wanted,
                labels: Object.fromEntries(wanted.map((n, i) => [n, each[i]])),
                networkType: args.networkType,
                networkTypes: context.dialect.networkTypes,
                timeoutSeconds: context.timeouts.membership,
            }),
        );
        const own = Object.values(args.namespaces).flatMap((n) => n.own ?? []);
        const objects = [...asked, ...labels, ...own];
        const before = everyOne(after, labelled).apply(() => gate);
        const configured = held(context, asked[0] ?? this, objects, before, { configured: [] });
        // In a preview nobody was asked: what is wanted is what there will be.
        this.configured = pulumi
            .all([configured.value, names])
            .apply(([{ configured: found }, wanted]) => (pulumi.runtime.isDryRun() ? wanted : found).slice().sort());
        const made = joining.map((key) => this.furnish(key, args.namespaces[key], context, everyOne(after, labelled)));
        this.ready = everyOne(configured.ready, ...made);
        this.registerOutputs({ configured: this.configured });
    }

    /** The roll, or each namespace's own request. */
    private ask(name: string, args: MembershipArgs, context: Context, after: Ready): pulumi.CustomResource[] {
        const { membership: apiVersion } = context.dialect.apis;
        if (args.by === "labels" || apiVersion === undefined) {
            return [];
        }
        const keys = Object.keys(args.namespaces).sort();
        const names = pulumi.all(keys.map((key) => args.namespaces[key].name));
        const controlPlane = pulumi.output(args.controlPlane);
        // The namespaces go last: the operator takes its objects out of them when the roll goes.
        const on = (own: (pulumi.Resource | undefined)[]): Ready => everyOne(after, present(...own));
        if (args.by === "member") {
            return keys.map((key, i) =>
                guarded(
                    key,
                    {
                        apiVersion,
                        kind: "ServiceMeshMember",
                        metadata: names.apply((all) => marked(context.mark, COMPULSORY_NAME, all[i])),
                        spec: controlPlane.apply(memberSpec),
                    },
                    context,
                    { parent: this, dependsOn: on([args.namespaces[key].own]) },
                ),
            );
        }
        const selected = pulumi.all(keys.map((key) => pulumi.all(args.namespaces[key].labels)));
        return [
            guarded(
                name,
                {
                    apiVersion,
                    kind: "ServiceMeshMemberRoll",
                    metadata: controlPlane.apply((cp) => {
                        // The operator writes members that joined by themselves into the same list; a later change of ours
                        // would otherwise be refused as a conflict with it.
                        const forced = { annotations: { "pulumi.com/patchForce": "true" } };
                        return marked(context.mark, COMPULSORY_NAME, cp.namespace, forced);
                    }),
                    spec:
                        args.by === "selectors"
                            ? selected.apply(([labels]) => selectorRollSpec(labels ?? {}))
                            : names.apply((all) => rollSpec([...new Set([...all, ...(args.others ?? [])])])),
                },
                context,
                { parent: this, dependsOn: on(keys.map((key) => args.namespaces[key].own)) },
            ),
        ];
    }

    /** What a member namespace holds beside its services. */
    private furnish(key: string, namespace: JoiningNamespace, context: Context, after: Ready): Ready {
        const made = makePieces(
            {
                pieces: namespace.pieces,
                inCluster: namespace.piecesInCluster,
                own: namespace.own ? { [key]: namespace.own } : {},
                timeoutSeconds: context.timeouts.membership,
            },
            context,
            { parent: this, dependsOn: after },
        );
        return everyOne(...Object.values(made).map((piece) => piece.ready));
    }
}
