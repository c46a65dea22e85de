import { z } from "zod";
import { dataplaneSettings } from "./dataplane/settings";
import { openshiftVersion } from "./openshift";
import { seedSettings } from "./seed/settings";
import { addonSettings } from "./standins/addons/settings";
import { buildsSettings } from "./standins/builds/settings";
import { deploymentConfigSettings } from "./standins/deploymentconfig/settings";
import { kubeletSettings } from "./standins/kubelet/settings";
import { maistraSettings } from "./standins/maistra/settings";
import { olmSettings } from "./standins/olm/settings";
import { routerSettings } from "./standins/router/settings";
import { sailSettings } from "./standins/sail/settings";
import { tektonSettings } from "./standins/tekton/settings";

/** Everything that can be changed about a lab, most of it while it runs. */
export const settingsSchema = z
    .strictObject({
        /** The stand-ins' delays are those of the real things, in milliseconds, times this. */
        timeScale: z.number().min(0).default(0.15),
        /** Which OpenShift it is; said when the lab is brought up, fixed from then on. */
        openshift: openshiftVersion.default("4.5"),
        seed: seedSettings,
        dataplane: dataplaneSettings,
        kubelet: kubeletSettings,
        router: routerSettings,
        tekton: tektonSettings,
        deploymentconfig: deploymentConfigSettings,
        builds: buildsSettings,
        olm: olmSettings,
        maistra: maistraSettings,
        sail: sailSettings,
        addons: addonSettings,
    })
    .refine(({ openshift, seed }) => openshift !== "4.5" || !seed.gatewayApi, {
        path: ["seed", "gatewayApi"],
        message: "is for OpenShift 4.18: the API server of 4.5 takes no such CRDs",
    })
    .prefault({});

export type Settings = z.infer<typeof settingsSchema>;

export type DeepPartial<T> = T extends readonly unknown[]
    ? T
    : T extends object
      ? { [K in keyof T]?: DeepPartial<T[K]> }
      : T;

export type SettingsPatch = DeepPartial<Settings>;

/** Fills in the defaults. Errors: an Error that names every setting that is wrong, with what is allowed. */
export function parseSettings(raw: unknown): Settings {
    const result = settingsSchema.safeParse(raw);
    if (!result.success) {
        throw new Error(`settings of the lab: ${z.prettifyError(result.error)}`);
    }
    return result.data;
}

/** Lays a patch over settings: objects key by key, anything else as a whole; null takes a key away. */
export function mergeSettings(base: Record<string, any>, patch: Record<string, any>): Record<string, any> {
    const merged = { ...base };
    for (const [key, value] of Object.entries(patch)) {
        if (value === null) {
            delete merged[key];
        } else if (isPlainObject(value)) {
            merged[key] = mergeSettings(isPlainObject(merged[key]) ? merged[key] : {}, value);
        } else if (value !== undefined) {
            merged[key] = value;
        }
    }
    return merged;
}

/** Reads `maistra.pauseAt=istio-policy`: a path, and a value that is JSON or else a string. */
export function parseAssignment(text: string): Record<string, unknown> {
    const at = text.indexOf("=");
    if (at < 1) {
        throw new Error(`"${text}" is not of the form path.to.setting=value`);
    }
    return text
        .slice(0, at)
        .split(".")
        .reduceRight<unknown>((value, key) => ({ [key]: value }), parseValue(text.slice(at + 1))) as Record<
        string,
        unknown
    >;
}

function parseValue(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}

function isPlainObject(value: unknown): value is Record<string, any> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
