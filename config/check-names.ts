/** Names that are taken, reserved, or too long once something is added to them. */
import { dialects } from "../dialects";
import { hostsOf, servicesOf, sharedHosts, strayHosts } from "./hosts";
import { keyOf, type Problem } from "./problems";
import type { MeshConfig } from "./schema";

/** Characters that a random suffix and its hyphen may take. */
const SUFFIX_ROOM = 8;
const LABEL_LENGTH = 63;

/**
 * Ports of the sidecar. Source: istio release-1.4, install/kubernetes/helm (pilot-agent and Envoy), and later
 * releases' list.
 */
const SIDECAR_PORTS = [15000, 15001, 15004, 15006, 15008, 15009, 15020, 15021, 15053, 15090];
const SIDECAR_CONTAINERS = ["istio-proxy", "istio-init"];
/** ServiceAccounts that OpenShift makes in every namespace. */
const PLATFORM_ACCOUNTS = ["default", "builder", "deployer"];

/** Namespaces of the platform, which may neither join a mesh nor hold one. */
function isPlatform(namespace: string): boolean {
    return /^(openshift|kube)-/.test(namespace) || namespace === "openshift" || namespace === "default";
}

export function checkNames(config: MeshConfig): Problem[] {
    return [...checkNamespaces(config), ...checkServices(config), ...checkHosts(config), ...checkSuffixes(config)];
}

/** The namespaces that a mesh needs beside its members: each is for one thing. */
export function checkHomes(config: MeshConfig): Problem[] {
    const { namespace } = config.controlPlane;
    const [, ...others] = dialects[config.generation].homes(config);
    const cni = others.find(({ purpose }) => purpose === "cni")?.name;
    return others.flatMap(({ purpose, name }) => {
        if (Object.hasOwn(config.namespaces, name)) {
            const text = `${name} is the namespace of the mesh's ${purpose}, which cannot be a member`;
            const allowed = "a namespace other than the mesh's own";
            return [{ key: keyOf(["namespaces", name]), found: name, allowed, text }];
        }
        if (name.length > LABEL_LENGTH - (config.uniqueNames ? SUFFIX_ROOM : 0)) {
            const isDefault = dialects[config.generation].defaults.gatewayNamespace?.(namespace) === name;
            const path = isDefault ? ["namespace"] : ["gateways", "ingress", "namespace"];
            const allowed = `a shorter name: the ${purpose}'s namespace ${name} would be too long`;
            return [{ key: keyOf(["controlPlane", ...path]), found: isDefault ? namespace : name, allowed }];
        }
        const taken = name === namespace || (purpose === "gateway" && (name === cni || isPlatform(name)));
        const path = purpose === "gateway" ? ["gateways", "ingress", "namespace"] : ["namespace"];
        const allowed = `a namespace of its own; ${name} is for something else`;
        return taken ? [{ key: keyOf(["controlPlane", ...path]), found: name, allowed }] : [];
    });
}

function checkNamespaces(config: MeshConfig): Problem[] {
    const own = config.controlPlane.namespace;
    const problems: Problem[] = [];
    const refuse = (path: string[], found: string, allowed: string, text: string) =>
        problems.push({ key: keyOf(path), found, allowed, text: `${found} ${text}` });
    if (isPlatform(own)) {
        refuse(
            ["controlPlane", "namespace"],
            own,
            "a namespace of its own, e.g. istio-system",
            "belongs to the platform",
        );
    }
    for (const [name, { gateway, services }] of Object.entries(config.namespaces)) {
        const path = ["namespaces", name];
        if (name === own) {
            refuse(
                path,
                name,
                "a namespace other than the control plane's",
                "is the control plane's own namespace, which cannot be a member",
            );
        } else if (isPlatform(name)) {
            refuse(path, name, "a namespace of applications", "belongs to the platform and cannot be a member");
        }
        if (gateway === "mesh") {
            refuse([...path, "gateway"], gateway, "any other name", "means every sidecar where a Gateway is named");
        } else if (gateway.length > LABEL_LENGTH) {
            const allowed = `a Gateway's name; the default ${gateway} is longer than ${LABEL_LENGTH}`;
            problems.push({ key: keyOf([...path, "gateway"]), allowed });
        }
        // A platform takes namespaces in whose services are in other stacks.
        if (Object.keys(services).length === 0 && config.part !== "platform") {
            const allowed = "at least one service; a member without services has nothing for the mesh to do";
            problems.push({ key: keyOf([...path, "services"]), found: "an empty object", allowed });
        }
    }
    return problems;
}

function checkServices(config: MeshConfig): Problem[] {
    return servicesOf(config).flatMap(({ name, service, path }) => {
        const problems: Problem[] = [];
        if (service.existing === undefined && PLATFORM_ACCOUNTS.includes(name)) {
            problems.push({
                key: keyOf(path),
                found: name,
                allowed: "a name that is not a ServiceAccount of OpenShift",
                text: `${name} is a ServiceAccount that OpenShift makes in every namespace`,
            });
        }
        if (SIDECAR_CONTAINERS.includes(service.container)) {
            const allowed = "any other name; this one is the sidecar's";
            problems.push({ key: keyOf([...path, "container"]), found: service.container, allowed });
        }
        if (SIDECAR_PORTS.includes(service.port)) {
            const allowed = `a port that the sidecar does not use (${SIDECAR_PORTS.join(", ")})`;
            problems.push({ key: keyOf([...path, "port"]), found: String(service.port), allowed });
        }
        return problems;
    });
}

function checkHosts(config: MeshConfig): Problem[] {
    const hosts = hostsOf(config, config.appsDomain);
    const stray = config.appsDomain === undefined ? [] : strayHosts(hosts, config.appsDomain, "mesh:appsDomain");
    return [...stray, ...sharedHosts(hosts)];
}

function checkSuffixes(config: MeshConfig): Problem[] {
    if (!config.uniqueNames) {
        return [];
    }
    const names = [
        { key: keyOf(["controlPlane", "namespace"]), name: config.controlPlane.namespace },
        ...Object.keys(config.namespaces).map((name) => ({ key: keyOf(["namespaces", name]), name })),
        ...hostsOf(config, undefined)
            .filter(({ given }) => !given.includes("."))
            .map(({ key, given }) => ({ key, name: given })),
    ];
    const room = LABEL_LENGTH - SUFFIX_ROOM;
    const allowed = `at most ${room} characters, to leave room for the suffix of mesh:uniqueNames`;
    return names.filter(({ name }) => name.length > room).map(({ key, name }) => ({ key, found: name, allowed }));
}
