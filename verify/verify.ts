import { explain } from "../cluster/reads";
import type { MeshConfig } from "../config/schema";
import type { Kube } from "../kube";
import { type Check, GROUPS } from "./check";
import { environmentOf } from "./environment";
import { checkMembership, checkVersion } from "./objects/mesh";
import { checkOperators } from "./objects/operators";
import { checkPieces } from "./objects/pieces";
import { checkExceptions, checkRoutes } from "./objects/routes";
import { checkMtls, checkPolicies } from "./objects/security";
import { checkServices } from "./objects/services";
import { readCluster } from "./reads";
import { planRequests } from "./requests/plan";
import { runRequests, type Ways } from "./requests/run";

export interface VerifyOptions {
    kube: Kube;
    config: MeshConfig;
    /** The stack's outputs. */
    outputs: Record<string, unknown>;
    ways: Ways;
    /** Hears of each check as it is done. */
    onCheck?(check: Check): void;
}

/**
 * Looks at a living environment, then asks its services. Nothing on the cluster is changed, but for the probe pod where
 * one is wanted. Errors: OutputsError; LookError when the cluster cannot be read; what does not hold is no error.
 */
export async function verify({ kube, config, outputs, ways, onCheck }: VerifyOptions): Promise<Check[]> {
    const env = environmentOf(config, outputs);
    const unreadable = (error: Error): never => {
        throw explain(kube.server, error);
    };
    const view = await readCluster(kube, env).catch(unreadable);
    const pieces = await checkPieces(kube, env, view).catch(unreadable);
    const checks: Check[] = [];
    const say = (check: Check): void => {
        checks.push(check);
        onCheck?.(check);
    };
    const objects = [
        ...checkOperators(env, view),
        ...pieces,
        checkVersion(env, view),
        ...checkMembership(env, view),
        ...checkServices(env, view),
        ...checkRoutes(env, view),
        ...checkExceptions(env, view),
        ...checkMtls(env, view),
        ...checkPolicies(env, view),
    ];
    GROUPS.forEach((group) => objects.filter((c) => c.group === group).forEach(say));
    await runRequests(kube, planRequests(env, view), ways, say);
    return checks;
}
