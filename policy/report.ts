import { inWords, type Judgement } from "./judge";
import { objectOf } from "./rule";

/** What people read of a run, and whether it failed: a mandatory rule is broken. */
export function report(judgements: readonly Judgement[]): { text: string; failed: boolean } {
    const [mandatory, advisory] = (["mandatory", "advisory"] as const).map((level) =>
        judgements.filter((j) => j.finding.is === "wrong" && j.level === level),
    );
    const unjudged = judgements.filter(({ finding }) => finding.is === "not judged");
    const lines = [
        ...section("mandatory", mandatory),
        ...section("advisory", advisory),
        ...section("not judged", unjudged, ({ of }) => `${objectOf(of)}: `),
        `${mandatory.length} mandatory, ${advisory.length} advisory, ${unjudged.length} not judged`,
    ];
    return { text: lines.map((line) => `${line}\n`).join(""), failed: mandatory.length > 0 };
}

function section(title: string, judgements: Judgement[], prefix: (j: Judgement) => string = () => ""): string[] {
    const names = [...new Set(judgements.map(({ rule }) => rule.name))];
    return names.flatMap((name) => {
        const ofRule = judgements.filter(({ rule }) => rule.name === name);
        return [
            `[${title}] ${name}: ${ofRule[0].rule.description}`,
            ...ofRule.map((j) => `    ${prefix(j)}${inWords(j.finding)}`),
        ];
    });
}
