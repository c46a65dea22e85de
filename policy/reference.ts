import { ENVIRONMENTS } from "./levels";
import { rules } from "./rules";

/** The table of rules in docs/policies.md, one line a rule. */
export function rulesTable(): string[] {
    return [
        `| Rule | What holds | ${ENVIRONMENTS.join(" | ")} | Settings |`,
        `| --- | --- | ${ENVIRONMENTS.map(() => "---").join(" | ")} | --- |`,
        ...rules.map(({ name, description, level, settings }) => {
            const keys = Object.keys(settings.shape).map((key) => `\`${key}\``);
            const levels = ENVIRONMENTS.map((environment) => level[environment].replace("disabled", ""));
            return `| \`${name}\` | ${description} | ${levels.join(" | ")} | ${keys.join(", ")} |`;
        }),
    ];
}
