import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../../kube";
import { accessSpec, denySpec, identities } from "../../specs/access";
import { type Check, judged } from "../check";
import { type Environment, sideFor } from "../environment";
import { meshTls, type Mode } from "../mtls";
import { describe, policiesFor } from "../policy";
import type { View } from "../reads";

/** Step 9: what each mesh takes in, and what its clients send. */
export function checkMtls({ sides }: Environment, view: View): Check[] {
    return sides.map((side) => {
        const { mtls, name } = side.config.controlPlane;
        const { receives, sends } = meshTls(side, view);
        // Without mTLS, it is still taken in from whoever uses it.
        const expected = {
            strict: "plain text refused, clients use mTLS",
            permissive: "plain text taken, clients use mTLS",
            off: "plain text taken, clients use plain text",
        }[mtls as Mode];
        const taken = receives === "strict" ? "refused" : "taken";
        const seen = `plain text ${taken}, clients use ${sends ? "mTLS" : "plain text"}`;
        const subject = sides.length === 1 ? "mtls" : `mtls of ${name}`;
        return judged({ group: "security", subject, expected: `${mtls}: ${expected}` }, seen === expected, seen);
    });
}

/** Step 10: each service has the policies that the config wants for it, and no others. */
export function checkPolicies(env: Environment, view: View): Check[] {
    // Requests may come in by either gateway while a stack has two.
    const gateways = identities(env.sides.map((side) => side.entry));
    return env.services.map(({ name, namespace, allow, deny }) => {
        const root = sideFor(env, namespace).config.controlPlane.namespace;
        const labels = labelsOf(view, namespace, name);
        const held = policiesFor(view.authorizationPolicies, { namespace, labels }, root);
        const specs: [name: string, spec: KubeObject["spec"] | undefined][] = [
            [`to-${name}`, accessSpec(name, namespace, allow, gateways)],
            [`deny-to-${name}`, denySpec(name, namespace, deny, gateways)],
        ];
        const wanted = specs.filter(([, spec]) => spec !== undefined);
        const expected = wanted.map(([policy, spec]) => `${policy}: ${describe(spec)}`).join("; ") || "anyone";
        const about = { group: "security" as const, subject: `callers of ${namespace}/${name}`, expected };
        const seen = held.map((p) => `${p.metadata.name}: ${describe(p.spec)}`).join("; ") || "anyone";
        const right =
            held.length === wanted.length &&
            wanted.every(([policy, spec]) =>
                held.some((p) => p.metadata.name === policy && isDeepStrictEqual(bare(p.spec), bare(spec))),
            );
        const differs = !right && seen === expected ? `${seen}, but not in just these words` : seen;
        return judged(about, right, differs);
    });
}

/** The labels that policies and Services know a service's pods by. */
export function labelsOf(
    view: Pick<View, "deployments" | "deploymentConfigs">,
    namespace: string,
    name: string,
): Record<string, string> {
    const workload = [...view.deployments, ...view.deploymentConfigs].find(
        (w) => w.metadata.namespace === namespace && w.metadata.name === name,
    );
    return workload?.spec?.template?.metadata?.labels ?? { app: name };
}

/** Without what is empty: it means the same. */
function bare(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(bare);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    const entries = Object.entries(value).filter(
        ([key, v]) => !(Array.isArray(v) && v.length === 0 && key !== "rules"),
    );
    return Object.fromEntries(entries.map(([key, v]) => [key, bare(v)]));
}
