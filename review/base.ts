import { execFileSync } from "node:child_process";
import { FILES, type RenderedFiles } from "../render/files";
import { GOLDEN } from "./golden";

/** Where a branch began. */
export interface Base {
    commit: string;
    /** In words: "main (1a2b3c4)". */
    words: string;
}

/**
 * The commit that the present one branched off from a git ref, so that what others did since then is not taken for undone;
 * the ref itself where the history at hand does not reach back so far. Errors: when git knows no such ref.
 */
export function baseOf(ref: string, cwd = "."): Base {
    const tip = attempt(cwd, "rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`);
    if (tip === undefined) {
        throw new Error(`git knows no ${ref} here; in a clone of CI, fetch it first: git fetch origin main`);
    }
    const commit = (attempt(cwd, "merge-base", tip.trim(), "HEAD") ?? tip).trim();
    return { commit, words: `${ref} (${commit.slice(0, 7)})` };
}

/** The environments that have a golden rendering in a commit. */
export function stacksAt(commit: string, cwd = "."): string[] {
    const listed = attempt(cwd, "ls-tree", "--name-only", commit, `${GOLDEN}/`) ?? "";
    return listed
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => line.slice(GOLDEN.length + 1));
}

/** An environment's golden rendering in a commit; undefined if there was none. */
export function goldenAt(commit: string, stack: string, cwd = "."): RenderedFiles | undefined {
    const files = FILES.map((name) => [name, attempt(cwd, "show", `${commit}:${GOLDEN}/${stack}/${name}`)] as const);
    return files.every(([, text]) => text === undefined)
        ? undefined
        : (Object.fromEntries(files.map(([name, text]) => [name, text ?? ""])) as RenderedFiles);
}

function attempt(cwd: string, ...args: string[]): string | undefined {
    try {
        return execFileSync("git", args, {
            cwd,
            encoding: "utf8",
            stdio: ["ignore", "pipe", "ignore"],
            maxBuffer: 2 ** 28,
        });
    } catch {
        return undefined;
    }
}
