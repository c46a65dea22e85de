import { Command, InvalidArgumentError, Option } from "commander";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { LookError } from "../cluster/look";
import { loadConfig } from "../config/load";
import { parsePlatform, type Platform } from "../config/platform";
import { ConfigError } from "../config/problems";
import { readStackFile } from "../config/stack-file";
import { Kube } from "../kube";
import type { Check } from "./check";
import { OutputsError } from "./environment";
import { readOutputs } from "./outputs";
import { type Format, FORMATS, reportText } from "./report/files";
import { linesOf, summaryOf } from "./report/lines";
import { verify } from "./verify";

export interface Flags {
    stack: string;
    configFile?: string;
    kubeconfig?: string;
    context?: string;
    outputs?: string;
    via?: URL;
    viaTls?: URL;
    plainClient: Record<string, string>;
    probePod: boolean;
    probeImage: string;
    patience: number;
    requests: boolean;
    report?: Format;
    out?: string;
}

const ROOT = join(__dirname, "..");
/** Has a shell and curl, and can be had from every OpenShift. */
const PROBE_IMAGE = "registry.access.redhat.com/ubi9/ubi-minimal:latest";

/** Errors that are said in words; any other is a defect of this program. */
const FOR_PEOPLE = [ConfigError, LookError, OutputsError];

export const EXIT = { allPassed: 0, someFailed: 1, notVerified: 2, interrupted: 130 } as const;

export function command(): Command {
    return new Command("npm run verify --")
        .description(
            "Checks an environment that is up: first its objects, then its services, by requests. Changes nothing. " +
                "Exit code 0: all is well; 1: something is not; 2: it could not be verified.",
        )
        .option("-s, --stack <name>", "which environment", "dev")
        .option("--config-file <file>", "its configuration (default: Pulumi.<stack>.yaml)")
        .option("--kubeconfig <file>", "the cluster (default: as kubectl finds it)")
        .option("--context <name>", "a context of that kubeconfig")
        .option("--outputs <file>", "the stack's outputs as JSON (default: pulumi stack output)")
        .option("--via <url>", "where the router listens, for hosts that no DNS knows", toUrl)
        .option("--via-tls <url>", "the same for TLS", toUrl)
        .option(
            "--plain-client <namespace/service=host:port>",
            "where a client without sidecar reaches a service from here; can be given several times",
            toAddress,
            {},
        )
        .option("--probe-pod", "ask as a client without sidecar from a short-lived pod in each member namespace", false)
        .option("--probe-image <image>", "an image with sh and curl for that pod", PROBE_IMAGE)
        .option("--patience <seconds>", "for how long an unexpected answer is asked for again", toSeconds, 5)
        .option("--no-requests", "only look at the objects")
        .addOption(new Option("--report <format>", "a report for programs").choices(FORMATS))
        .option("--out <file>", "where the report goes (default: standard output, and the lines to standard error)");
}

/** Runs the command with these arguments, as after `node verify/cli.ts`. Sets the exit code. */
export async function main(args: string[]): Promise<void> {
    const flags = command().parse(args, { from: "user" }).opts<Flags>();
    const interrupt = new AbortController();
    const onSignal = (): void => interrupt.abort();
    process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
    try {
        const checks = await run(flags, interrupt.signal);
        const failed = checks.some((c) => c.result === "failed");
        process.exitCode = interrupt.signal.aborted ? EXIT.interrupted : failed ? EXIT.someFailed : EXIT.allPassed;
    } catch (error) {
        console.error(FOR_PEOPLE.some((kind) => error instanceof kind) ? (error as Error).message : error);
        process.exitCode = EXIT.notVerified;
    } finally {
        process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
    }
}

async function run(flags: Flags, signal: AbortSignal): Promise<Check[]> {
    const { stack, kubeconfig, context, report, out } = flags;
    const file = `Pulumi.${stack}.yaml`;
    const raw = readStackFile(flags.configFile ?? join(ROOT, file));
    const kube = connect(kubeconfig, context);
    const outputs = await readOutputs({ stack, file: flags.outputs, cwd: ROOT });
    const config = loadConfig(raw, { file, ...platformIn(raw, outputs) });
    const say = report !== undefined && out === undefined ? console.error : console.log;
    const startedAt = new Date();
    say(`${stack} at ${kube.server}`);
    const checks = await verify({
        kube,
        config,
        outputs,
        ways: {
            via: flags.via,
            viaTls: flags.viaTls,
            plainClient: flags.plainClient,
            probePod: flags.probePod ? { image: flags.probeImage } : undefined,
            patienceMs: flags.patience * 1000,
            none: flags.requests ? undefined : "only the objects were to be looked at",
            signal,
        },
        onCheck: (check) => linesOf(check).forEach((line) => say(line)),
    });
    say(summaryOf(checks));
    if (report !== undefined) {
        const seconds = (Date.now() - startedAt.getTime()) / 1000;
        const about = { stack, server: kube.server, startedAt: startedAt.toISOString(), seconds };
        const text = reportText(report, checks, about);
        if (out === undefined) {
            process.stdout.write(text);
        } else {
            writeFileSync(out, text);
        }
    }
    return checks;
}

/** Of a workloads stack: the platform that it was made for, which it tells itself. */
function platformIn(raw: Record<string, string>, { platform }: Record<string, unknown>): { platform?: Platform } {
    const named = raw["mesh:platform"];
    const told = raw["mesh:part"] === "workloads" && named ? parsePlatform(named, platform) : undefined;
    return told === undefined ? {} : { platform: told };
}

function connect(kubeconfig: string | undefined, context: string | undefined): Kube {
    try {
        return Kube.load({ kubeconfig, context });
    } catch (error) {
        throw new LookError(`no cluster to talk to: ${(error as Error).message}`);
    }
}

function toUrl(text: string): URL {
    if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
        throw new InvalidArgumentError("an address like http://127.0.0.1:8080");
    }
    return new URL(text);
}

function toAddress(text: string, before: Record<string, string>): Record<string, string> {
    const [, service, address] = /^([^/=]+\/[^/=]+)=([^/=]+:\d+)$/.exec(text) ?? [];
    if (service === undefined) {
        throw new InvalidArgumentError("like shop/cart=127.0.0.1:8080");
    }
    return { ...before, [service]: address };
}

function toSeconds(text: string): number {
    const seconds = Number(text);
    if (!Number.isFinite(seconds) || seconds < 0) {
        throw new InvalidArgumentError("a number of seconds");
    }
    return seconds;
}

if (require.main === module) {
    void main(process.argv.slice(2));
}
