import { Command } from "commander";
import { Kube } from "../../kube";
import { parseAssignment, mergeSettings, parseSettings } from "../settings";
import { STAND_INS } from "./registry";
import { Supervisor } from "./supervisor";

/** Runs one stand-in by itself against any cluster: `node --import tsx lab/standins/run.ts olm --kubeconfig FILE`. */
function main(name: string, options: { kubeconfig?: string; set: string[] }): void {
    const standIn = STAND_INS[name];
    if (!standIn) {
        throw new Error(`there is no stand-in "${name}"; there are ${Object.keys(STAND_INS).join(", ")}`);
    }
    const settings = parseSettings(options.set.map(parseAssignment).reduce(mergeSettings, {}));
    const stop = new AbortController();
    const supervisor = new Supervisor({
        kube: Kube.load({ kubeconfig: options.kubeconfig }),
        settings: () => settings,
        log: (line) => console.log(line),
        signal: stop.signal,
        onReport: (which, report) => console.log(`${which}: ${report.health}`),
    });
    process.on("uncaughtException", (error) => supervisor.uncaught(error));
    process.on("unhandledRejection", (error) => supervisor.uncaught(error));
    supervisor.start(name, standIn);
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
        process.on(signal, () => {
            stop.abort();
            process.exit(0);
        });
    }
}

const command = new Command()
    .argument("<stand-in>")
    .option("--kubeconfig <file>")
    .option("--set <assignment...>", "settings, as in timeScale=1", [])
    .parse();
main(command.args[0], command.opts());
