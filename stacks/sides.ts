import * as pulumi from "@pulumi/pulumi";
import type * as k8s from "@pulumi/kubernetes";
import {
    Consoles,
    type Context,
    ControlPlane,
    everyOne,
    IngressGateway,
    type Operator,
    type Ready,
} from "../components";
import type { MeshConfig } from "../config/schema";
import { resolveNames } from "./names";
import type { Plan, Side } from "./plan";

/** A mesh as far as it is made: what its members, their services and their hosts stand on. */
export interface MadeSide {
    side: Side;
    context: Context;
    /** The config with every name as it is in the cluster. */
    inCluster: pulumi.Output<MeshConfig>;
    /** The version of its generation that it really is. */
    version: pulumi.Output<string>;
    /** The control plane is there. */
    ready: Ready;
    /** Requests can come in. */
    open: Ready;
    consoles?: Consoles;
}

export interface SideInputs {
    plan: Plan;
    suffix: pulumi.Output<string | undefined>;
    operators: Record<string, Operator>;
    own: Record<string, k8s.core.v1.Namespace>;
}

/** The mesh itself: its control plane, its gateway, and its consoles once it is the stack's only or its first. */
export function meshSide(side: Side, inputs: SideInputs, shared: Context): MadeSide {
    const { plan, suffix, operators, own } = inputs;
    const context = { ...shared, dialect: side.dialect };
    const inCluster = suffix.apply((s) => resolveNames(side.config, plan.owned, s, plan.domain));
    const args = { config: side.config, inCluster, own };
    const controlPlane = new ControlPlane(side.config.controlPlane.name, args, context, {
        dependsOn: everyOne(...Object.values(side.packages).map((name) => operators[name].ready)),
    });
    const gateway =
        side.dialect.gatewayPieces(side.config).length === 0
            ? undefined
            : new IngressGateway("gateway", args, context, { dependsOn: controlPlane.ready });
    return {
        side,
        context,
        inCluster,
        version: pulumi
            .all([inCluster, controlPlane.state])
            .apply(([config, state]) => side.dialect.version(config) ?? state.version ?? ""),
        ready: controlPlane.ready,
        open: gateway?.ready ?? controlPlane.ready,
        // Two meshes have one set of consoles: those of the mesh that the stack is of.
        ...(side === plan.next
            ? {}
            : {
                  consoles: new Consoles("consoles", { ...args, foreseen: side.foreseenConsoles }, context, {
                      dependsOn: controlPlane.ready,
                  }),
              }),
    };
}
