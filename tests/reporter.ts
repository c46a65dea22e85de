import Mocha from "mocha";
import { reasonFor } from "./skip";

/** Mocha's own report, then why each test was skipped, then one line that counts. */
export default class CountingReporter extends Mocha.reporters.Spec {
    constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
        super(runner, options);
        const skipped: Mocha.Test[] = [];
        runner.on("pending", (test: Mocha.Test) => skipped.push(test));
        runner.once("end", () => {
            for (const test of skipped) {
                console.log(`skipped: ${test.fullTitle()}: ${reasonFor(test.fullTitle())}`);
            }
            const { passes, failures, pending } = this.stats;
            console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
        });
    }
}
