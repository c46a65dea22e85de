import { Command } from "commander";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { down, type Lab, running, type SettingsPatch, status, up } from "../lab";
import {
    changesInWords,
    type Engine,
    engineHome,
    openEngine,
    type ProgressEvent,
    type RunOptions,
    type RunResult,
} from "../lab/engine/driver";
import { type Act, actsOf, configOf, WHOLE } from "./acts";
import { showAnswers } from "./answers";
import { labSettings } from "./lab-release";
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
        "Brings up the lab, provisions an environment in it, prints the outputs, sends its services requests and " +
            "shows their answers, and takes the lab down again.",
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
    const settings = settingsFor(flags);
    const lab = settings && (await labUp(flags.keep, settings));
    if (lab === undefined) {
        process.exitCode = 1;
        return;
    }
    let touched = false;
    try {
        const engine = await openEngine({
            programDir: CHECKOUT,
            stack: flags.stack,
            configFile: configFile(flags),
            home: engineHome(lab),
            kubeconfig: lab.kubeconfig,
            kind: flags.engine,
            onProgress: (line) => say("engine", line),
        });
        say("engine", engine.describe);
        const run = { lab, engine, flags, signal: interrupt.signal, onUpdate: () => (touched = true) };
        if (await play(run)) {
            await part(lab);
            return;
        }
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

/** What the environment needs of the lab; undefined when its configuration is wrong, which is then said. */
function settingsFor(flags: Flags): SettingsPatch | undefined {
    try {
        return labSettings(configOf(configFile(flags)));
    } catch (error) {
        console.error(`\n${(error as Error).message}\n`);
        return undefined;
    }
}

function configFile({ stack }: Flags): string {
    return join(CHECKOUT, `Pulumi.${stack}.yaml`);
}

interface Run {
    lab: Lab;
    engine: Engine;
    flags: Flags;
    signal: AbortSignal;
    /** Called when a run begins to change the cluster. */
    onUpdate: () => void;
}

/**
 * One environment in a few short steps, each with the answers that its services then give; in one step where it is
 * there already, or where nothing answers. False when it did not come about, or is not as it should be.
 */
async function play({ lab, engine, flags, signal, onUpdate }: Run): Promise<boolean> {
    const fresh = lab.router !== undefined && (await engine.state()).length === 0;
    const acts: Act[] = fresh ? actsOf(configOf(configFile(flags))) : [WHOLE];
    let good = true;
    for (const [i, act] of acts.entries()) {
        const last = i === acts.length - 1;
        console.log(acts.length > 1 ? `\n${i + 1} of ${acts.length}: ${act.title}` : "");
        // The first preview has found what is wrong with the environment, if anything is.
        const options = { config: act.overrides, skipPreview: i > 0, signal };
        const result = await provision(engine, options, onUpdate);
        if (!result.ok) {
            console.error(`\n${result.error}\n`);
            return false;
        }
        console.log(last ? ["", ...reportOf(result.outputs), ""].join("\n") : "");
        const config = configOf(configFile(flags), act.overrides);
        good = (await showAnswers({ lab, config, outputs: result.outputs, all: last, signal })) && good;
        if (signal.aborted) {
            return false;
        }
    }
    return good;
}

/** Says how long it took, and what is slow the first time. */
async function labUp(keep: boolean, settings: SettingsPatch): Promise<Lab> {
    const begun = performance.now();
    const found = running();
    const lab = await up({ settings, onProgress: (line) => say("lab", line) });
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

async function provision(engine: Engine, options: RunOptions, onUpdate: () => void): Promise<RunResult> {
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
        result = await engine.up({ ...options, onEvent });
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
