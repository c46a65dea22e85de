import { KindMissing, type Kube, type KindRef, type KubeObject } from "../../../../kube";
import type { AdmissionRequest } from "../../types";
import { allowedToJoin, allowedToUse, type Refusal } from "../common/access";
import { ROLL_KIND } from "../common/names";
import {
    completeControlPlane,
    membersOf,
    refuseControlPlane,
    refuseMember,
    refuseRoll,
    withoutOwnNamespace,
} from "./admission";
import { CONTROL_PLANE_KIND } from "./names";
import type { Release } from "./release";

export interface Hook {
    kind: "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration";
    name: string;
    path: string;
    resource: string;
    versions: string[];
    decide(request: AdmissionRequest): Promise<{ refusal?: Refusal; patch?: object[] }>;
}

/** The operator's admission webhooks (recorded: M0), with what each asks the cluster before it decides. */
export function hooksOf(kube: Kube, release: Release): Hook[] {
    return [
        {
            kind: "ValidatingWebhookConfiguration",
            name: "smcp.validation.maistra.io",
            path: "/validate-smcp",
            resource: "servicemeshcontrolplanes",
            versions: ["v1", "v2"],
            decide: async ({ object, namespace }) => {
                const others = await listOrNone(kube, CONTROL_PLANE_KIND, namespace);
                const names = others.map((other) => other.metadata.name);
                return { refusal: refuseControlPlane(object, names, release) };
            },
        },
        {
            kind: "ValidatingWebhookConfiguration",
            name: "smmr.validation.maistra.io",
            path: "/validate-smmr",
            resource: "servicemeshmemberrolls",
            versions: ["v1"],
            decide: async ({ object, oldObject, userInfo }) => {
                const before = oldObject ? membersOf(oldObject) : [];
                const added = membersOf(object).filter((member) => !before.includes(member));
                return { refusal: (await judgeRoll(kube, object)) ?? (await allowedToJoin(kube, userInfo, added)) };
            },
        },
        {
            kind: "ValidatingWebhookConfiguration",
            name: "smm.validation.maistra.io",
            path: "/validate-smm",
            resource: "servicemeshmembers",
            versions: ["v1"],
            decide: async ({ object, oldObject, userInfo }) => ({
                refusal: refuseMember(object, oldObject) ?? (await allowedToUse(kube, userInfo, object)),
            }),
        },
        {
            kind: "MutatingWebhookConfiguration",
            name: "smcp.mutation.maistra.io",
            path: "/mutate-smcp",
            resource: "servicemeshcontrolplanes",
            versions: ["v1", "v2"],
            decide: async ({ object, oldObject }) => ({
                patch: completeControlPlane(object, oldObject ?? undefined, release),
            }),
        },
        {
            kind: "MutatingWebhookConfiguration",
            name: "smmr.mutation.maistra.io",
            path: "/mutate-smmr",
            resource: "servicemeshmemberrolls",
            versions: ["v1"],
            decide: async ({ object }) => ({ patch: withoutOwnNamespace(object) }),
        },
    ];
}

async function judgeRoll(kube: Kube, roll: KubeObject): Promise<Refusal> {
    const { name, namespace } = roll.metadata;
    const rolls = await listOrNone(kube, ROLL_KIND);
    const others = rolls.filter(({ metadata }) => metadata.name !== name || metadata.namespace !== namespace);
    return refuseRoll(roll, others.flatMap(membersOf));
}

async function listOrNone(kube: Kube, kind: KindRef, namespace?: string): Promise<KubeObject[]> {
    return kube.list(kind, { namespace }).catch((error: unknown) => {
        if (error instanceof KindMissing) {
            return [];
        }
        throw error;
    });
}
