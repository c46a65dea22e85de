import type { Level } from "./levels";
import type { Declared, Finding, Rule } from "./rule";
import type { Strictness } from "./settings";

/** What a rule says of a resource, and how strict it is. */
export interface Judgement {
    rule: Rule;
    level: Exclude<Level, "disabled">;
    of: Declared;
    finding: Finding;
}

/** What one rule has to say of a stack's resources. Pure. */
export function judgeBy(rule: Rule, resources: readonly Declared[], settings: Record<string, unknown>) {
    const each: (Finding & { of: Declared })[] =
        "judge" in rule
            ? resources.flatMap((of) => rule.judge(of, settings).map((finding) => ({ ...finding, of })))
            : rule.judgeStack(resources, settings);
    return each.map(({ of, ...finding }) => ({ of, finding: finding as Finding }));
}

/** What all rules that are not disabled have to say, in the order of rules. Pure. */
export function judge(
    rules: readonly Rule[],
    resources: readonly Declared[],
    held: Record<string, Strictness>,
): Judgement[] {
    return rules.flatMap((rule) => {
        const { level, settings } = held[rule.name];
        return level === "disabled"
            ? []
            : judgeBy(rule, resources, settings).map(({ of, finding }) => ({ rule, level, of, finding }));
    });
}

/** What people read of a finding. */
export function inWords(finding: Finding): string {
    return finding.is === "wrong" ? finding.message : `not judged yet: ${finding.why}`;
}
