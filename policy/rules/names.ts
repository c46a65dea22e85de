import { z } from "zod";
import { everywhere } from "../levels";
import { type Declared, isKind, judgeEach, namespaceOf, objectOf, resourceRule } from "../rule";
import { EACH, find, type Step, UNKNOWN } from "../values";

const patterns = (what: string) =>
    z
        .array(z.string())
        .default([])
        .describe(`Patterns of ${what} that are the environment's, with * for any text. Empty: all are.`);

/** So that several environments of one cluster, or several teams, do not come into each other's way. */
export const namesInEnvironment = resourceRule({
    name: "names-in-environment",
    description: "Namespaces, names and hosts are those of the environment.",
    level: everywhere,
    settings: z.object({
        namespaces: patterns("namespaces"),
        names: patterns("names of objects that are in no namespace"),
        hosts: patterns("hosts"),
    }),
    judge(resource, { namespaces, names, hosts }) {
        if (!resource.type.startsWith("kubernetes:")) {
            return [];
        }
        const isNamespace = isKind(resource, "core", "Namespace");
        const namespace = namespaceOf(resource);
        const own = find(resource.props, "metadata", "name");
        // Where it is not known whether it is in a namespace, no name that is known can be wrong.
        const judged = own.filter(
            ({ value }) => namespace === undefined || (namespace === UNKNOWN && value === UNKNOWN),
        );
        return [
            ...within(resource, "namespace", namespaces, [
                ...(namespace === undefined ? [] : find(resource.props, "metadata", "namespace")),
                ...(isNamespace ? own : []),
            ]),
            ...within(resource, "name", names, isNamespace ? [] : judged),
            ...within(resource, "host", hosts, hostsOf(resource)),
        ];
    },
});

/** Kinds that say under which hosts something is reached, and where they say it. */
const HOSTS: [group: string, kind: string, path: Step[]][] = [
    ["route.openshift.io", "Route", ["spec", "host"]],
    ["networking.istio.io", "Gateway", ["spec", "servers", EACH, "hosts", EACH]],
    ["networking.istio.io", "VirtualService", ["spec", "hosts", EACH]],
    ["gateway.networking.k8s.io", "Gateway", ["spec", "listeners", EACH, "hostname"]],
    ["gateway.networking.k8s.io", "HTTPRoute", ["spec", "hostnames", EACH]],
];

function hostsOf(resource: Declared) {
    const path = HOSTS.find(([group, kind]) => isKind(resource, group, kind))?.[2];
    return path === undefined ? [] : find(resource.props, ...path);
}

function within(resource: Declared, what: string, allowed: string[], found: ReturnType<typeof find>) {
    return allowed.length === 0
        ? []
        : judgeEach(found, (value: string) =>
              allowed.some((pattern) => fits(pattern, value))
                  ? undefined
                  : `${objectOf(resource)} has the ${what} ${value}, which is not this environment's: use one of ` +
                    `${allowed.join(", ")}, or have it allowed in the pack's config`,
          );
}

/** Whether a text fits a pattern, in which * stands for any text. */
export function fits(pattern: string, text: string): boolean {
    const parts = pattern.split("*").map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"));
    return new RegExp(`^${parts.join(".*")}$`).test(text);
}
