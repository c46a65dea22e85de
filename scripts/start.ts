import { Command } from "commander";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { down, type Lab, running, status, up } from "../lab";
import {
    changesInWords,
    type Engine,
    engineHome,
    openEngine,
    type ProgressEvent,
    type RunResult,
} from "../lab/engine/driver";
import { reportOf } from "./report";
import { inWords } from "./screen/lines";
import { openScreen } from "./screen/screen";

interface Flags {
    stack: string;
    keep: boolean;
    engine: "auto" | "pulumi" | "stand-in";
}

const CHECKOUT = dirname(__dirname);

const program = new Command("npm start --")
    .description(
        "Brings up the lab, provisions an environment in it, prints the outputs, and takes the lab down again.",
    )
    .option("-s, --stack <name>", "which environment", "dev")
    .option("--keep", "leave the lab running, to look around in it", false)
    .option("--engine <kind>", "auto, pulumi (the CLI) or stand-in", "auto")
    .action(main);

/** Says a line beginning with what it is about, as the first lines of the screen do. */
function say(about: string, text: string): void {
    console.log(`${about.padEnd(8)} ${text}`);
}

async function main(flags: Flags): Promise<void> {
    const interrupt = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
        process.once(signal, () => {
            console.error("interrupted; ending in order (again: at once)");
            interrupt.abort();
        });
    }
    const lab = await labUp(flags.keep);
    let touched = false;
    try {
        const engine = await openEngine({
            programDir: CHECKOUT,
            stack: flags.stack,
            configFile: join(CHECKOUT, `Pulumi.${flags.stack}.yaml`),
            home: engineHome(lab),
            kubeconfig: lab.kubeconfig,
            kind: flags.engine,
            onProgress: (line) => say("engine", line),
        });
        say("engine", engine.describe);
        console.log();
        const result = await provision(engine, interrupt.signal, () => (touched = true));
        if (result.ok) {
            console.log(["", ...reportOf(result.outputs), ""].join("\n"));
            await part(lab);
            return;
        }
        console.error(`\n${result.error}\n`);
    } catch (error) {
        console.error(`\n${(error as Error).message}\n`);
    }
    process.exitCode = 1;
    if (touched && !interrupt.signal.aborted) {
        console.error(`The lab stays up as it is: npm start goes on from here.\n${howToLook()}`);
    } else {
        await part(lab);
    }
}

/** Says how long it took, and what is slow the first time. */
async function labUp(keep: boolean): Promise<Lab> {
    const begun = performance.now();
    const found = running();
    const lab = await up({ onProgress: (line) => say("lab", line) });
    const seconds = (performance.now() - begun) / 1000;
    say(
        "lab",
        `etcd, kube-apiserver, kube-controller-manager; ${found ? "running already" : `ready in ${inWords(seconds)}`}`,
    );
    say("", `stand-ins: ${Object.keys(status().standIns).join(", ")}`);
    if (keep) {
        rmSync(endsWithStart(lab), { force: true });
    } else if (!found) {
        mkdirSync(engineHome(lab), { recursive: true, mode: 0o700 });
        writeFileSync(endsWithStart(lab), "");
    }
    return lab;
}

/** There while the lab is one that `npm start` has brought up and is to take down again. */
function endsWithStart(lab: Lab): string {
    return join(engineHome(lab), "ends-with-npm-start");
}

async function provision(engine: Engine, signal: AbortSignal, onUpdate: () => void): Promise<RunResult> {
    const begun = performance.now();
    const screen = openScreen(process.stdout);
    let result: RunResult | undefined;
    try {
        const onEvent = (event: ProgressEvent) => {
            screen.take(event);
            if (event.type === "phase" && event.phase === "update") {
                onUpdate();
            }
        };
        result = await engine.up({ onEvent, signal });
    } finally {
        screen.close(result?.ok ?? false);
    }
    const seconds = (performance.now() - begun) / 1000;
    if (result.ok) {
        console.log(`\n${changesInWords(result.changes)}, ${inWords(seconds)}`);
    }
    return result;
}

/** Takes the lab down where this command brought it up; otherwise says how to go on with it. */
async function part(lab: Lab): Promise<void> {
    if (!existsSync(endsWithStart(lab))) {
        console.log(`The lab is running.\n${howToLook()}`);
        return;
    }
    await down();
    console.log("The lab has been taken down again. To keep one, and look around in it: npm start -- --keep");
}

function howToLook(): string {
    return [
        "  look around   KUBECONFIG=$(npm run -s lab -- kubeconfig) kubectl get smcp,smmr,routes -A",
        "  end it        npm run lab -- down",
    ].join("\n");
}

program.parseAsync().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
});
