import type { MeshBox, ServiceBox } from "./model";

/** "generation 1.1, v1.1, mutual TLS strict". */
export function meshTitle({ generation, version, mtls }: MeshBox): string {
    return [`generation ${generation}`, version, `mutual TLS ${mtls}`].filter(Boolean).join(", ");
}

/** "cart :8080 ×2, built from git". */
export function serviceLine(service: ServiceBox): string {
    return `${service.name} ${besideName(service)}`;
}

export function besideName({ port, replicas, origin }: ServiceBox): string {
    return `:${port}${replicas === 1 ? "" : ` ×${replicas}`}${origin === undefined ? "" : `, ${origin}`}`;
}

/** Who may call a service, by which policies: one line for each rule. */
export function wordsOf({ policies }: ServiceBox): string[] {
    const lines = policies.flatMap(({ name, action, rules }) => {
        const [first, next] = action === "allow" ? ["only", "or"] : ["never", "never"];
        return rules.length === 0
            ? [`${name}: nobody`]
            : rules.map((rule, i) => `${name}: ${i === 0 ? first : next} ${rule}`);
    });
    return policies.some(({ action }) => action === "allow") ? lines : ["anyone may call", ...lines];
}
