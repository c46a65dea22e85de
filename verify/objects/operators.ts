import { isCopy, isGoing, judgeCsv } from "../../cluster/verdicts/csv";
import { type Check, fromVerdict, judged } from "../check";
import type { Environment } from "../environment";
import type { View } from "../reads";

/** Step 1: each operator has Succeeded. One that OLM has upgraded since is as good, unless that waits for approval. */
export function checkOperators({ sides, outputs }: Environment, { csvs }: Pick<View, "csvs">): Check[] {
    const own = csvs.filter((c) => !isCopy(c));
    const known = sides.flatMap(({ dialect, config }) =>
        dialect.operators(config).map((spec) => ({ spec, approval: config.operators[spec.key].approval })),
    );
    return Object.entries(outputs.operators).map(([name, csv]) => {
        const about = { group: "operators" as const, subject: name, expected: `${csv} Succeeded` };
        const there = own.find((c) => c.metadata.name === csv);
        const operator = known.find(({ spec }) => spec.package === name);
        const newer =
            operator?.approval === "Automatic"
                ? own.find((c) => c.metadata.name.startsWith(operator.spec.csvPrefix) && !isGoing(c))
                : undefined;
        const chosen = there && !isGoing(there) ? there : newer;
        if (!chosen) {
            return judged(about, false, there ? `${csv} is being removed` : "it is not there");
        }
        const check = fromVerdict(about, judgeCsv(chosen));
        return check.result === "passed" ? { ...check, seen: `${chosen.metadata.name} Succeeded` } : check;
    });
}
