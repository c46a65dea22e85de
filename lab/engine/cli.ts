import { Command } from "commander";
import { dirname, join, resolve } from "node:path";
import { running } from "..";
import { changesInWords, type Engine, engineHome, openEngine, type ProgressEvent, type RunOptions } from "./driver";

interface Flags {
    stack: string;
    program: string;
    configFile?: string;
    kubeconfig?: string;
    home?: string;
    engine: "auto" | "pulumi" | "stand-in";
    config: string[];
    expectNoChanges?: boolean;
    json?: boolean;
}

const program = new Command("engine")
    .description("Runs a Pulumi program against the lab: with the Pulumi CLI where there is one, else with a stand-in.")
    .option("-s, --stack <name>", "which stack", "dev")
    .option("--program <folder>", "where Pulumi.yaml is", ".")
    .option("--config-file <file>", "the stack's configuration (default: Pulumi.<stack>.yaml beside Pulumi.yaml)")
    .option("--kubeconfig <file>", "the cluster (default: the running lab's)")
    .option("--home <folder>", "where the engine keeps its state (default: in the lab's own folder)")
    .option("--engine <kind>", "auto, pulumi or stand-in", "auto")
    .option("-c, --config <assignment...>", "project:key=value or project:key.nested=value, over the stack's", [])
    .option("--expect-no-changes", "fail when there is anything to change")
    .option("--json", "print the result for programs");

for (const [name, what] of [
    ["preview", "say what would change"],
    ["up", "preview, then make it so"],
    ["destroy", "remove everything that the state knows of"],
] as const) {
    program
        .command(name)
        .description(what)
        .action(() => act((engine, options) => engine[name](options)));
}

async function act(work: (engine: Engine, options: RunOptions) => ReturnType<Engine["up"]>): Promise<void> {
    const flags = program.opts<Flags>();
    const programDir = resolve(flags.program);
    const lab = running();
    const kubeconfig = flags.kubeconfig ?? lab?.kubeconfig;
    const home = flags.home ?? (flags.kubeconfig ? join(dirname(flags.kubeconfig), "engine") : lab && engineHome(lab));
    if (!kubeconfig || !home) {
        throw new Error("no lab is running (npm run lab -- up); or name a cluster with --kubeconfig");
    }
    const engine = await openEngine({
        programDir,
        stack: flags.stack,
        configFile: resolve(flags.configFile ?? join(programDir, `Pulumi.${flags.stack}.yaml`)),
        home,
        kubeconfig,
        kind: flags.engine,
        onProgress: say,
    });
    say(engine.describe);
    const interrupt = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
        process.once(signal, () => interrupt.abort());
    }
    const result = await work(engine, {
        config: Object.fromEntries(flags.config.map(assignment)),
        expectNoChanges: flags.expectNoChanges,
        signal: interrupt.signal,
        onEvent: print,
    });
    if (flags.json) {
        console.log(JSON.stringify(result, undefined, 4));
    } else {
        console.log(`${changesInWords(result.changes)}, ${result.seconds.toFixed(1)} s`);
        for (const [name, value] of Object.entries(result.outputs)) {
            console.log(`  ${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
        }
    }
    if (!result.ok) {
        console.error(result.error);
        process.exitCode = 1;
    }
}

function assignment(text: string): [string, string] {
    const at = text.indexOf("=");
    if (at < 0) {
        throw new Error(`"${text}" is not an assignment like project:key=value`);
    }
    return [text.slice(0, at), text.slice(at + 1)];
}

function print(event: ProgressEvent): void {
    if (event.type === "phase") {
        say(event.phase);
    } else if (event.type === "resource" && event.op !== "same" && event.phase !== "start") {
        say(
            `  ${event.phase === "failed" ? "failed" : event.op.padEnd(7)} ${event.urn.split("::").slice(2).join(" ")}`,
        );
    } else if (event.type === "message" && event.severity !== "debug" && event.severity !== "error") {
        say(`    ${event.text}`);
    }
}

function say(line: string): void {
    console.error(line);
}

program.parseAsync().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
});
