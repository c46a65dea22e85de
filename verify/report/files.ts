import type { Check } from "../check";

/** What a report says besides its checks. */
export interface About {
    stack: string;
    /** The address of the API server. */
    server: string;
    /** ISO 8601. */
    startedAt: string;
    seconds: number;
}

export const FORMATS = ["json", "junit"] as const;
export type Format = (typeof FORMATS)[number];

export function reportText(format: Format, checks: Check[], about: About): string {
    return format === "json" ? json(checks, about) : junit(checks, about);
}

function count(checks: Check[], result: Check["result"]): number {
    return checks.filter((c) => c.result === result).length;
}

function json(checks: Check[], about: About): string {
    const counts = {
        passed: count(checks, "passed"),
        failed: count(checks, "failed"),
        skipped: count(checks, "skipped"),
    };
    return `${JSON.stringify({ ...about, ...counts, checks }, undefined, 2)}\n`;
}

/** The XML that CI systems read (github.com/testmoapp/junitxml): a suite a group, a case a check. */
function junit(checks: Check[], { stack, server, startedAt, seconds }: About): string {
    const groups = [...new Set(checks.map((c) => c.group))];
    const suites = groups.map((group) => {
        const own = checks.filter((c) => c.group === group);
        const time = own.reduce((sum, c) => sum + (c.seconds ?? 0), 0);
        const attributes = { ...countsOf(own), time: time.toFixed(3), timestamp: startedAt, hostname: server };
        return element("testsuite", { name: group, ...attributes }, own.map((c) => testCase(c, stack)).join(""));
    });
    const root = element(
        "testsuites",
        { name: `verify ${stack}`, ...countsOf(checks), time: seconds.toFixed(3) },
        suites.join(""),
    );
    return `<?xml version="1.0" encoding="UTF-8"?>\n${root}`;
}

function countsOf(checks: Check[]): Record<string, string> {
    return {
        tests: String(checks.length),
        failures: String(count(checks, "failed")),
        errors: "0",
        skipped: String(count(checks, "skipped")),
    };
}

function testCase(check: Check, stack: string): string {
    const { group, subject, expected, seen, result, because, todo = [], seconds = 0 } = check;
    const attributes = { classname: `verify.${stack}.${group}`, name: subject, time: seconds.toFixed(3) };
    const said = [`expected: ${expected}`, `seen: ${seen}`, ...(because ? [`because: ${because}`] : []), ...todo].join(
        "\n",
    );
    switch (result) {
        case "passed":
            return element("testcase", attributes, element("system-out", {}, escape(said)));
        case "skipped":
            return element("testcase", attributes, element("skipped", { message: seen }, ""));
        case "failed":
            return element(
                "testcase",
                attributes,
                element("failure", { message: `expected ${expected}; seen ${seen}` }, escape(said)),
            );
    }
}

function element(name: string, attributes: Record<string, string>, content: string): string {
    const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(value)}"`);
    return content === "" ? `<${name}${given.join("")}/>\n` : `<${name}${given.join("")}>${content}</${name}>\n`;
}

const ENTITIES: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&apos;",
    "\n": "&#10;",
};

/** Control characters, which XML cannot hold at all, become spaces. */
function escape(text: string): string {
    return text.replace(/[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]/g, " ").replace(/[&<>"'\n]/g, (c) => ENTITIES[c]);
}
