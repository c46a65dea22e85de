import { join } from "node:path";
import { Command } from "commander";
import { down, giveUp, running, status, up } from ".";
import { printLog } from "./logs";
import { mergeSettings, parseAssignment, type SettingsPatch } from "./settings";

const program = new Command("lab")
    .description("An OpenShift-shaped cluster on this machine: real etcd, API server and controllers, no containers.")
    .option("--name <name>", 'which lab, when there are several (default: $MESH_LAB_NAME, or "default")');

function name(): string | undefined {
    return program.opts<{ name?: string }>().name;
}

program
    .command("up")
    .description("start the lab, or find it running")
    .option("--set <assignment...>", "settings, as in timeScale=1 or seed.jaegerInstalled=true", [])
    .action(async (options: { set: string[] }) => {
        endOnInterrupt();
        const started = Date.now();
        const settings = options.set.length > 0 ? toPatch(options.set) : undefined;
        const onProgress = (line: string): void => {
            console.error(`${((Date.now() - started) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
        };
        const lab = await up({ name: name(), settings, onProgress });
        onProgress("the lab is up");
        console.log(`export KUBECONFIG=${lab.kubeconfig}`);
        if (lab.router !== undefined) {
            console.log(`# requests: curl -H 'Host: <host of a Route>' ${lab.router}/`);
            const to = `--connect-to ::${new URL(lab.routerTls!).host}`;
            console.log(`# with TLS: curl --cacert ${lab.routerCa} ${to} https://<host of a Route>/`);
        }
    });

program
    .command("down")
    .description("end the lab and remove all its files but the cached binaries")
    .action(async () => {
        console.log((await down(name())) ? "the lab is down" : "there is no lab");
    });

program
    .command("status")
    .description("what runs, and how the stand-ins are; exit code 1 unless it is running")
    .option("--json", "for programs")
    .action((options: { json?: boolean }) => {
        const now = status(name());
        if (options.json) {
            console.log(JSON.stringify(now, null, 4));
        } else {
            console.log(`lab ${now.name}: ${now.state}${now.server ? ` at ${now.server}` : ""}`);
            for (const { name: process, pid, alive } of now.state === "stopped" ? [] : now.processes) {
                console.log(`  ${process.padEnd(24)} ${alive ? `pid ${pid}` : "not running"}`);
            }
            if (now.state !== "stopped" && (now.router ?? now.noRouter) !== undefined) {
                console.log(`  ${"router".padEnd(24)} ${now.router ?? `none: ${now.noRouter}`}`);
            }
            if (now.state !== "stopped" && now.routerTls !== undefined) {
                console.log(`  ${"router, TLS".padEnd(24)} ${now.routerTls}, its CA: ${now.routerCa}`);
            }
            for (const [standIn, { health, restarts, lastError }] of Object.entries(now.standIns)) {
                const trouble = restarts > 0 ? `, started again ${restarts} times: ${lastError}` : "";
                console.log(`  stand-in ${standIn.padEnd(15)} ${health}${trouble}`);
            }
        }
        process.exitCode = now.state === "running" ? 0 : 1;
    });

program
    .command("kubeconfig")
    .description("print the path of the kubeconfig")
    .option("--viewer", "that of a user without any rights")
    .action((options: { viewer?: boolean }) => {
        const lab = running(name());
        if (!lab) {
            throw new Error("the lab is not running; start it with: npm run lab -- up");
        }
        console.log(options.viewer ? lab.viewerKubeconfig : lab.kubeconfig);
    });

program
    .command("logs")
    .description("print a log: daemon (the stand-ins), kube-apiserver, kube-controller-manager or etcd")
    .argument("[log]", "which", "daemon")
    .option("-n, --lines <count>", "how many lines of its end", "50")
    .option("-f, --follow", "go on printing what is added")
    .action(async (log: string, options: { lines: string; follow?: boolean }) => {
        const stop = new AbortController();
        process.once("SIGINT", () => stop.abort());
        await printLog(join(status(name()).home, "logs"), log, {
            lines: Number(options.lines),
            follow: options.follow ?? false,
            signal: stop.signal,
            print: (text) => process.stdout.write(text),
        });
    });

program
    .command("set")
    .description("change how the stand-ins of a running lab behave")
    .argument("<assignment...>", "as in olm.catalog=down; null gives a setting its default again")
    .action(async (assignments: string[]) => {
        const lab = running(name());
        if (!lab) {
            throw new Error("the lab is not running; start it with: npm run lab -- up");
        }
        await lab.set(toPatch(assignments));
    });

function toPatch(assignments: string[]): SettingsPatch {
    return assignments.map(parseAssignment).reduce(mergeSettings, {});
}

let interrupted = false;

/** A start that is given up leaves nothing behind. */
function endOnInterrupt(): void {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
        process.once(signal, () => {
            interrupted = true;
            console.error("given up; clearing what was started");
            giveUp(name()).finally(() => process.exit(130));
        });
    }
}

program.parseAsync().catch((error: unknown) => {
    if (interrupted) {
        return;
    }
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
});
