import { readJson, Refused } from "../shared/http";
import { run } from "../shared/run";
import { problemsOf } from "./apply";

let last = 0;

/** Takes applications, and gives each applicant the next number. */
void run("sample", () => ({
    "POST /api/sample/apply": async (request) => {
        const errors = problemsOf(await readJson(request));
        if (errors.length > 0) {
            throw new Refused(400, { errors });
        }
        return { status: 201, body: { user_id: ++last } };
    },
}));
