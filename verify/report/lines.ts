import { type Check, GROUPS } from "../check";

const MARKS = { passed: "✓", failed: "✗", skipped: "-" };
const GROUP_WIDTH = Math.max(...GROUPS.map((g) => g.length));

/** One line a check; a failure is followed by what can be done about it. */
export function linesOf(check: Check): string[] {
    const { group, subject, expected, seen, result, because, todo = [] } = check;
    const head = `${MARKS[result]} ${group.padEnd(GROUP_WIDTH)}  ${subject}`;
    // Why just this is expected is only of interest where it is not plain, or did not come.
    const reason = because !== undefined && (result === "failed" || group === "requests") ? ` (${because})` : "";
    const found = result === "skipped" ? `skipped: ${seen}` : `seen ${seen}`;
    return [
        `${head}: expected ${expected}${reason}; ${found}`,
        ...(result === "failed" ? todo.map((t) => `    ${t}`) : []),
    ];
}

/** "32 passed, 1 failed, 2 skipped" */
export function summaryOf(checks: Check[]): string {
    return (["passed", "failed", "skipped"] as const)
        .map((result) => `${checks.filter((c) => c.result === result).length} ${result}`)
        .join(", ");
}
