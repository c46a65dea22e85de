import assert from "node:assert/strict";

/** The message is this, line by line; a line that is a pattern matches a part of its line. */
export function assertLines(message: string, expected: (string | RegExp)[]): void {
    const lines = message.split("\n").map((line) => line.trim().replace(/\s{2,}/g, "  "));
    expected.forEach((want, i) => {
        if (typeof want === "string") {
            assert.equal(lines[i], want);
        } else {
            assert.match(lines[i] ?? "", want);
        }
    });
    assert.equal(lines.length, expected.length, message);
}

/** Exactly these problems, each with what is said of it. */
export function assertProblems(message: string, expected: Record<string, string | RegExp>): void {
    const [head, ...lines] = message.split("\n");
    const count = Object.keys(expected).length;
    assert.match(head, new RegExp(`^${count} problems? in Pulumi\\.refused\\.yaml, nothing was touched$`), message);
    const said = new Map(lines.map((line) => line.trim().split(/\s{2,}/) as [string, string]));
    assert.deepEqual([...said.keys()].sort(), Object.keys(expected).sort());
    for (const [key, want] of Object.entries(expected)) {
        const text = said.get(key) ?? "";
        assert.ok(typeof want === "string" ? text === want : want.test(text), `${key}: ${text}`);
    }
}
