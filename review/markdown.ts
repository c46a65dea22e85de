import { createTwoFilesPatch, OMIT_HEADERS } from "diff";
import { stringify } from "yaml";
import type { Change, Operation } from "./changes";
import { type Concern, TOPICS, type Topic } from "./concerns";
import type { FieldChange } from "./fields";

/** What becomes of one environment. */
export interface EnvironmentReport {
    stack: string;
    concerns: Concern[];
    changes: Change[];
    /** Differences of what the stack tells others. */
    outputs: FieldChange[];
    /** What a reader should know about the comparison itself. */
    note?: string;
}

/** Comments of GitHub and GitLab end before this. */
const LONGEST = 60_000;

/** Values longer than this stand below the table, not in it. */
const LONG_VALUE = 160;

/**
 * The page: each environment that changes with a headline, what a reviewer should know in words, and the fields, folded.
 * @param compared what was compared with what
 */
export function page(compared: string, reports: EnvironmentReport[]): string {
    const [same, others] = [reports.filter(isSame), reports.filter((r) => !isSame(r))];
    const rest = same.length === 0 ? [] : [`No change: ${same.map(({ stack }) => stack).join(", ")}.`];
    const whole = ["# What this changes", compared, ...others.map(section), ...rest].join("\n\n");
    if (whole.length <= LONGEST) {
        return `${whole}\n`;
    }
    const short = ["# What this changes", compared, ...others.map((r) => words(r).join("\n\n")), ...rest].join("\n\n");
    return `${short.slice(0, LONGEST)}\n\nThe fields are too many for a comment: \`npm run diff-report\` prints them.\n`;
}

function isSame({ changes, outputs }: EnvironmentReport): boolean {
    return changes.length === 0 && outputs.length === 0;
}

function section(report: EnvironmentReport): string {
    return [...words(report), fields(report)].join("\n\n");
}

function words({ stack, concerns, changes, note }: EnvironmentReport): string[] {
    const lines = concerns.map(({ warns, text }) => `- ${warns ? "⚠ " : ""}${text}`);
    return [
        `## ${stack}: ${headline(concerns, changes)}`,
        ...(note === undefined ? [] : [note]),
        ...(lines.length === 0 ? [] : [lines.join("\n")]),
    ];
}

/** "1 policy loosened, 1 host added; 3 objects changed, nothing replaced or deleted". */
export function headline(concerns: Concern[], changes: Change[]): string {
    const counted = (Object.keys(TOPICS) as Topic[]).flatMap((topic) => {
        const count = concerns.filter((concern) => concern.topic === topic).length;
        const [one, many] = TOPICS[topic];
        return count === 0 || one === undefined
            ? []
            : [count === 1 ? (one.startsWith("mTLS") ? one : `1 ${one}`) : numbered(count, many)];
    });
    return [counted.join(", "), operations(changes)].filter((part) => part !== "").join("; ");
}

function numbered(count: number, words: string): string {
    return words.includes("#") ? words.replace("#", String(count)) : `${count} ${words}`;
}

function operations(changes: Change[]): string {
    const count = (operation: Operation): number => changes.filter((c) => c.operation === operation).length;
    const some = (["created", "changed", "replaced", "deleted"] as const).filter((o) => count(o) > 0);
    const nothing = count("replaced") + count("deleted") === 0 ? ["nothing replaced or deleted"] : [];
    return [...some.map((operation) => `${count(operation)} ${operation}`), ...nothing].join(", ");
}

/** Wide things first: what is deleted, made anew, changed, created. */
const ORDER: Operation[] = ["deleted", "replaced", "changed", "created"];

/** And in the same way among kinds; those that are not named here come last. */
const WIDE_KINDS = [
    "Namespace",
    ...["Istio", "ServiceMeshControlPlane", "IstioCNI", "IstioRevisionTag", "Subscription"],
    ...["PeerAuthentication", "AuthorizationPolicy", "NetworkPolicy", "DestinationRule"],
    ...["Route", "Gateway", "VirtualService", "HTTPRoute", "ServiceMeshMemberRoll", "ServiceMeshMember"],
    "EventListener",
    ...["Deployment", "Service", "Secret"],
];

function width({ is }: Change): number {
    const index = WIDE_KINDS.indexOf(is.kind);
    return index < 0 ? WIDE_KINDS.length : index;
}

function fields({ changes, outputs }: EnvironmentReport): string {
    const parts = ORDER.flatMap((operation) => {
        const these = changes.filter((change) => change.operation === operation).sort((a, b) => width(a) - width(b));
        const listed = operation === "created" || operation === "deleted";
        if (these.length === 0) {
            return [];
        }
        return listed
            ? [`**${capital(operation)}**\n\n${these.map(({ is }) => `- ${is.title}${patchNote(is)}`).join("\n")}`]
            : these.map(
                  (change) => `**${titleOf(change)}** ${operation}${patchNote(change.is)}\n\n${table(change.fields)}`,
              );
    });
    const told = outputs.length === 0 ? [] : [`**Outputs**, which other stacks read\n\n${table(outputs)}`];
    return `<details><summary>Every object and field</summary>\n\n${[...parts, ...told].join("\n\n")}\n\n</details>`;
}

function capital(text: string): string {
    return text[0].toUpperCase() + text.slice(1);
}

function patchNote({ patch }: { patch: boolean }): string {
    return patch ? " (one field of an object of others)" : "";
}

function titleOf({ is, before }: Change): string {
    return before !== undefined && before.title !== is.title ? `${before.title} → ${is.title}` : is.title;
}

function table(changes: FieldChange[]): string {
    const [short, long] = [changes.filter((c) => !isLong(c)), changes.filter(isLong)];
    const rows = short.map(({ path, before, after }) => `| ${cell(path)} | ${shown(before)} | ${shown(after)} |`);
    const head = rows.length === 0 ? [] : [["| Field | Before | After |", "| --- | --- | --- |", ...rows].join("\n")];
    return [...head, ...long.map(patch)].join("\n\n");
}

function isLong({ before, after }: FieldChange): boolean {
    return [before, after].some((value) => {
        const text = inline(value);
        return text.length > LONG_VALUE || (typeof value === "string" && value.includes("\n"));
    });
}

function patch({ path, before, after }: FieldChange): string {
    const [one, other] = [before, after].map(asText);
    const text = createTwoFilesPatch("", "", one, other, "", "", { headerOptions: OMIT_HEADERS, context: 2 });
    const lines = text.split("\n").filter((line) => !/^(@@|\\ No newline)/.test(line));
    // A fence that nothing inside it can end.
    const fence = "`".repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)));
    return `${cell(path)}\n\n${fence}diff\n${lines.join("\n").trimEnd()}\n${fence}`;
}

function asText(value: unknown): string {
    return value === undefined ? "" : typeof value === "string" ? `${value.trimEnd()}\n` : stringify(value);
}

function inline(value: unknown): string {
    return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function shown(value: unknown): string {
    return value === undefined ? "" : cell(inline(value));
}

/** Text in a table's cell, as it is: two backticks hold one, and a bar would end the cell. */
function cell(text: string): string {
    const ticks = text.includes("`") ? "``" : "`";
    const inside = text === "" ? " " : text.replaceAll("|", "\\|").replaceAll("\n", " ");
    return ticks === "`" ? `\`${inside}\`` : `${ticks} ${inside} ${ticks}`;
}
