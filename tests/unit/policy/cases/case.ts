import type { Declared } from "../../../../policy/rule";

/** What a rule is to say of some resources. */
export interface Case {
    /** What it shows. */
    it: string;
    given: Declared[];
    settings?: object;
    /** What the rule says is wrong; nothing when all is well. */
    wrong?: RegExp[];
    /** What it cannot tell yet. */
    unknown?: RegExp[];
}
