import { readFileSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import { ConfigError } from "../config/problems";
import { filesOf } from "../render/files";
import { render } from "../render/render";
import { UndecidedError } from "../stacks/plan";
import { baseOf, goldenAt, stacksAt } from "./base";
import { environments } from "./golden";
import { type EnvironmentReport, page } from "./markdown";
import { fromPreview, fromRenderings } from "./report";

interface Options {
    base: string;
    stack: string[];
    preview?: string;
    out?: string;
}

/** Prints what a change does to each environment, for those who review it. */
async function main(): Promise<void> {
    const list = (value: string, all: string[]): string[] => [...all, value];
    const options = new Command("diff-report")
        .description("What a change does to each environment, in words, the widest first; as Markdown.")
        .option("-b, --base <ref>", "the git ref that is compared with: its golden renderings", "origin/main")
        .option("-s, --stack <name>", "an environment; may be given more than once (default: all)", list, [])
        .option("-p, --preview <file>", "read what `pulumi preview --json --show-sames` wrote instead; - is stdin")
        .option("-o, --out <file>", "write it there instead of printing it")
        .parse()
        .opts<Options>();
    const text = options.preview === undefined ? await ofRenderings(options) : ofPreview(options.preview, options);
    if (options.out === undefined) {
        process.stdout.write(text);
    } else {
        writeFileSync(options.out, text);
    }
}

async function ofRenderings({ base: ref, stack: wanted }: Options): Promise<string> {
    const base = baseOf(ref);
    const [before, after] = [stacksAt(base.commit), environments()];
    const known = [...new Set([...after, ...before])].sort();
    const unknown = wanted.filter((stack) => !known.includes(stack));
    if (unknown.length > 0) {
        throw new Error(
            `no environment ${unknown.join(", ")}, neither here nor in ${base.words}; there are ${known.join(", ")}`,
        );
    }
    const reports: EnvironmentReport[] = [];
    for (const stack of wanted.length > 0 ? wanted : known) {
        const fresh = after.includes(stack) ? filesOf(await render(stack)) : undefined;
        reports.push(fromRenderings(stack, goldenAt(base.commit, stack), fresh));
    }
    const compared = `Compared with ${base.words}, from renderings: no engine ran, and no cluster was asked.`;
    return page(compared, reports);
}

function ofPreview(file: string, { stack }: Options): string {
    const text = readFileSync(file === "-" ? 0 : file, "utf8");
    return page("What `pulumi preview` would do, asked of the engine.", [fromPreview(stack[0] ?? "the stack", text)]);
}

main().catch((error) => {
    const unexpected = error instanceof ConfigError || error instanceof UndecidedError ? undefined : error.stack;
    process.stderr.write(`${process.env.DEBUG && unexpected ? unexpected : error.message}\n`);
    process.exitCode = 1;
});
