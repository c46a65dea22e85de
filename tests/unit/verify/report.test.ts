import assert from "node:assert/strict";
import type { Check } from "../../../verify/check";
import { reportText } from "../../../verify/report/files";
import { linesOf, summaryOf } from "../../../verify/report/lines";

const checks: Check[] = [
    { group: "operators", subject: "kiali-ossm", expected: "Succeeded", seen: "Succeeded", result: "passed" },
    {
        group: "requests",
        subject: "sample: POST http://sample/a?b=1&c=2",
        expected: "403 RBAC: access denied",
        seen: '201 {"user_id":39} <b>\u0007',
        result: "failed",
        because: "to-sample lets in only namespaces microsvc-sample",
        todo: ["look at it:", "  oc get authorizationpolicies"],
        seconds: 1.25,
    },
    { group: "requests", subject: "caller", expected: "201", seen: "no way there", result: "skipped" },
];
const about = {
    stack: "dev",
    server: "https://api.example.com:6443",
    startedAt: "2026-11-23T10:00:00.000Z",
    seconds: 2.5,
};

describe("verify: what it says", () => {
    it("one line a check, with what was expected and seen; a failure also says why, and what to do", () => {
        assert.deepEqual(checks.flatMap(linesOf), [
            "✓ operators      kiali-ossm: expected Succeeded; seen Succeeded",
            "✗ requests       sample: POST http://sample/a?b=1&c=2: expected 403 RBAC: access denied " +
                '(to-sample lets in only namespaces microsvc-sample); seen 201 {"user_id":39} <b>\u0007',
            "    look at it:",
            "      oc get authorizationpolicies",
            "- requests       caller: expected 201; skipped: no way there",
        ]);
        assert.equal(summaryOf(checks), "1 passed, 1 failed, 1 skipped");
    });

    it("JSON: everything, with the counts", () => {
        const report = JSON.parse(reportText("json", checks, about));
        assert.deepEqual(report.checks, JSON.parse(JSON.stringify(checks)));
        const { passed, failed, skipped, stack, server } = report;
        assert.deepEqual(
            { passed, failed, skipped, stack, server },
            { passed: 1, failed: 1, skipped: 1, stack: "dev", server: about.server },
        );
    });

    describe("JUnit", () => {
        const text = reportText("junit", checks, about);

        it("a suite a group, a case a check, with counts and times", () => {
            const tags = [...text.matchAll(/<(testsuites|testsuite|testcase|failure|skipped)( [^>]*?)?\/?>/g)].map(
                (m) => m[1],
            );
            assert.deepEqual(tags, [
                "testsuites",
                "testsuite",
                "testcase",
                "testsuite",
                "testcase",
                "failure",
                "testcase",
                "skipped",
            ]);
            assert.match(
                text,
                /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="verify dev" tests="3" failures="1" /,
            );
            assert.match(
                text,
                /<testsuite name="requests" tests="2" failures="1" errors="0" skipped="1" time="1\.250"/,
            );
            assert.match(text, /<testcase classname="verify\.dev\.operators" name="kiali-ossm" time="0\.000">/);
            assert.match(text, /<skipped message="no way there"\/>/);
        });

        it("is well-formed whatever is said: every tag is closed, nothing is left unescaped", () => {
            const open: string[] = [];
            const rest = text
                .replace(/^<\?xml.*\?>\n/, "")
                .replace(/<(\/?)([a-z-]+)((?: [a-z]+="[^"<]*")*)(\/?)>/g, (_all, end, name, _a, self) => {
                    if (end) {
                        assert.equal(open.pop(), name);
                    } else if (!self) {
                        open.push(name);
                    }
                    return "";
                });
            assert.deepEqual(open, []);
            assert.doesNotMatch(rest, /[<>"]|&(?!amp;|lt;|gt;|quot;|apos;|#10;)/);
            assert.doesNotMatch(text, /[\x00-\x08]/);
            assert.ok(text.includes("b=1&amp;c=2") && text.includes("&lt;b&gt;"));
        });
    });
});
