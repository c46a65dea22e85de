import type { AllowRule, ServiceConfig } from "../config/schema";
import type { Gateway } from "../dialects/piece";
import type { Entry, PolicyNote } from "./model";

/** What becomes of requests that come in through a gateway, by the policies of the service. */
export function entryOf({ allow, deny }: Pick<ServiceConfig, "allow" | "deny">, gateway: Gateway): Entry {
    const denying = deny.filter((rule) => takesIn(rule, gateway));
    const allowing = allow === "anyone" ? undefined : allow.filter((rule) => takesIn(rule, gateway));
    if (allowing?.length === 0 || denying.some((rule) => !isLimited(rule))) {
        return "refused";
    }
    return denying.length > 0 || allowing?.every(isLimited) ? "some" : "open";
}

/** Whether a rule is about requests of the gateway: all parts of it must hold. */
function takesIn(rule: AllowRule, gateway: Gateway): boolean {
    const { namespaces, services, principals, gateway: outside } = rule;
    const identities = [services, principals, outside || undefined].some((part) => part !== undefined);
    const known = outside === true || (principals ?? []).some((pattern) => isLike(gateway.principal, pattern));
    return (namespaces === undefined || namespaces.includes(gateway.namespace)) && (!identities || known);
}

const isLimited = ({ methods, paths }: AllowRule): boolean => methods !== undefined || paths !== undefined;

/** As Istio compares: "*" alone, at the beginning or at the end. */
function isLike(value: string, pattern: string): boolean {
    return pattern.endsWith("*")
        ? value.startsWith(pattern.slice(0, -1))
        : pattern.startsWith("*")
          ? value.endsWith(pattern.slice(1))
          : value === pattern;
}

/** The policies of a service, as specs/access.ts makes them: none where anyone may call and nobody is denied. */
export function policiesOf(name: string, { allow, deny }: Pick<ServiceConfig, "allow" | "deny">): PolicyNote[] {
    const rules = (list: AllowRule[]): string[] => list.map(inWords);
    return [
        ...(allow === "anyone" ? [] : [{ name: `to-${name}`, action: "allow" as const, rules: rules(allow) }]),
        ...(deny.length === 0 ? [] : [{ name: `deny-to-${name}`, action: "deny" as const, rules: rules(deny) }]),
    ];
}

/** "namespace shop: GET /api/*". */
function inWords(rule: AllowRule): string {
    const { namespaces, services = [], principals = [], gateway } = rule;
    const identities = [
        ...services.map((service) => `service ${service}`),
        ...principals.map((one) => (one === "*" ? "any identity" : one)),
        ...(gateway ? ["the gateway"] : []),
    ];
    const home = namespaces && `${namespaces.length === 1 ? "namespace" : "namespaces"} ${namespaces.join(", ")}`;
    const who = [identities.join(", "), home].filter(Boolean).join(" in ") || "anyone";
    return [who, whatOf(rule)].filter(Boolean).join(": ");
}

/** "GET, POST /api/*"; empty: anything. */
export function whatOf({ methods = [], paths = [] }: AllowRule): string {
    return [methods.join(", "), paths.join(", ")].filter(Boolean).join(" ");
}

/** The callers that a rule names one by one: namespaces, and services as namespace/name. @param home the called one's */
export function namedIn({ namespaces, services, principals }: AllowRule, home: string): string[] {
    const full = (service: string): string => (service.includes("/") ? service : `${home}/${service}`);
    const inside = (id: string): boolean => namespaces?.includes(id.split("/")[0]) ?? true;
    if (services !== undefined || principals !== undefined) {
        return [...(services ?? []).map(full), ...(principals ?? []).flatMap(accountOf)].filter(inside);
    }
    return namespaces ?? [];
}

/** The service that an identity is, whose ServiceAccount has its name; nothing for a pattern of many. */
function accountOf(principal: string): string[] {
    const [, namespace, name] = /\/ns\/([^/*]+)\/sa\/([^/*]+)$/.exec(principal) ?? [];
    return name === undefined ? [] : [`${namespace}/${name}`];
}
