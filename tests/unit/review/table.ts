import assert from "node:assert/strict";
import { picture, told } from "./objects";

type Case = [what: string, before: object[], after: object[], expected: (string | RegExp)[]];

/** A test for each case: what a reviewer is told of two sets of objects, in order. */
export function table(cases: Case[], always: object[] = [], outputs: [object, object] = [{}, {}]): void {
    for (const [what, before, after, expected] of cases) {
        it(what, () => {
            const [one, other] = outputs as Record<string, unknown>[];
            const lines = told(picture([...always, ...before], one), picture([...always, ...after], other));
            assert.equal(lines.length, expected.length, lines.join("\n"));
            lines.forEach((line, i) => assert.match(line, new RegExp(expected[i])));
        });
    }
}
