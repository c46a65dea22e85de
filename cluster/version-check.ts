import { didYouMean, keyOf, type Problem } from "../config/problems";
import type { MeshConfig } from "../config/schema";
import type { Dialect } from "../dialects";
import type { ClusterFacts } from "./facts";
import type { PlannedOperator } from "./operator-plan";

type Known = Pick<ClusterFacts, "istioVersions" | "packages">;

/**
 * Whether the operator that there is, or will be, takes the control plane's version. Every operator refuses one that it
 * does not know (traps 17, 34, 43), but only when the control plane is written, long after the first namespaces and
 * operators were made. Where nobody can tell which versions it takes, there is no problem. Pure.
 * @param path of the control plane's configuration: [] or ["next"]
 */
export function checkVersion(
    dialect: Dialect,
    config: MeshConfig,
    facts: Known,
    operators: PlannedOperator[],
    path: string[] = [],
): Problem[] {
    const version = dialect.version(config);
    const own = dialect.operators(config).find((o) => o.key === "servicemesh");
    const planned = operators.find((o) => o.operator.package === own?.package);
    if (version === undefined || planned === undefined) {
        return [];
    }
    const taken = versionsTaken(dialect, config, facts, planned);
    if (taken === undefined || taken.includes(version)) {
        return [];
    }
    const hint = didYouMean(version, taken);
    return [
        {
            key: keyOf([...path, "controlPlane", "version"]),
            found: version,
            allowed: taken.join(", "),
            text: `${planned.foreseen} does not take ${version}; it takes ${taken.join(", ")}`,
            ...(hint === undefined ? {} : { hint }),
        },
    ];
}

/**
 * An installed operator of generation 3 says so itself: the CRD that came with it enumerates versions. Of one that is yet
 * to be installed only what is known of its release can say; a CRD that an earlier one left behind cannot.
 */
function versionsTaken(
    dialect: Dialect,
    config: MeshConfig,
    { istioVersions, packages }: Known,
    { foreseen, operator }: PlannedOperator,
): string[] | undefined {
    const isSail = dialect.controlPlane(config)[0]?.apiVersion.startsWith("sailoperator.io/");
    const installed = packages[operator.package]?.csvs.some((c) => c.name === foreseen && !c.deleting);
    return (isSail && installed ? istioVersions : undefined) ?? dialect.versionsOf(foreseen);
}
