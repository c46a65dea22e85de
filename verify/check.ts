import type { Verdict } from "../cluster/verdict";

export const GROUPS = [
    "operators",
    "control plane",
    "membership",
    "services",
    "ingress",
    "exceptions",
    "security",
    "requests",
] as const;

/** One thing that was looked at: what it was to be, and what it was. */
export interface Check {
    group: (typeof GROUPS)[number];
    /** What it is about, e.g. "sample through the gateway". With its group, no other check has the same. */
    subject: string;
    expected: string;
    /** What was found instead of, or just as, expected; for one that was skipped, why. */
    seen: string;
    result: "passed" | "failed" | "skipped";
    /** Why just this is expected, where that is not plain. */
    because?: string;
    /** What a person can do about a failure, one line each; commands are indented. */
    todo?: string[];
    /** How long it took, where it took time. */
    seconds?: number;
}

type About = Pick<Check, "group" | "subject" | "expected"> & Partial<Check>;

export function judged(about: About, passed: boolean, seen: string): Check {
    return { ...about, seen, result: passed ? "passed" : "failed" };
}

export function skipped(about: About, why: string): Check {
    return { ...about, seen: why, result: "skipped" };
}

/** A gate's verdict as a check: what the gate would still wait for is a failure here. */
export function fromVerdict(about: About, verdict: Verdict<unknown>): Check {
    switch (verdict.is) {
        case "ready":
            return judged(about, true, verdict.say ?? about.expected);
        case "failed": {
            const { found, said, todo } = verdict.problem;
            return { ...judged(about, false, [found, said].filter(Boolean).join(": ") || "it is not so"), todo };
        }
        case "waiting":
            return { ...judged(about, false, verdict.why), todo: verdict.todo };
        case "act":
            return judged(about, false, verdict.why);
    }
}
