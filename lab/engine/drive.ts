import type { Deployment } from "./deployment";
import { serveMonitor } from "./monitor";
import { EXIT_ERROR_SAID, startProgram } from "./program";
import type { Project, StackConfig } from "./project";
import { ORGANIZATION } from "./reference";
import type { ProgressEvent } from "./types";

export interface DriveOptions {
    project: Project;
    stack: string;
    preview: boolean;
    config: StackConfig;
    env: NodeJS.ProcessEnv;
    emit(event: ProgressEvent): void;
    /** Resolves when a step has failed. */
    failed: Promise<void>;
    signal: AbortSignal;
}

const PARALLEL = 16;
const LAST_LINES = 20;

/**
 * Runs the program against a deployment, to its end, to the first failed step, or until the signal aborts. Resolves to
 * what went wrong with the program itself, if anything did; what went wrong with a step is in the deployment.
 */
export async function runProgram(deployment: Deployment, options: DriveOptions): Promise<string | undefined> {
    const { project, stack, preview, config, signal } = options;
    let said: string | undefined;
    const emit = (event: ProgressEvent) => {
        if (event.type === "message" && event.severity === "error") {
            said ??= event.text;
        }
        options.emit(event);
    };
    const common = { organization: ORGANIZATION, stack, preview, parallel: PARALLEL };
    const monitor = await serveMonitor(deployment, {
        ...common,
        project: project.name,
        config: config.values,
        configSecretKeys: config.secretKeys,
        emit,
    });
    const lastLines: string[] = [];
    const program = startProgram({
        ...common,
        project,
        config,
        env: options.env,
        address: monitor.address,
        onLine: (stream, line) => {
            if (stream === "stderr") {
                lastLines.push(line);
                lastLines.splice(0, lastLines.length - LAST_LINES);
            }
            emit({ type: "message", severity: "info", text: line, ephemeral: false });
        },
    });
    try {
        await Promise.race([program.ended, options.failed, aborted(signal)]);
        if (deployment.failure || signal.aborted) {
            // What is under way is finished first, so that its result is known and recorded.
            await deployment.settled();
            await program.end();
            return undefined;
        }
        const code = await program.ended;
        if (code === 0) {
            return undefined;
        }
        return code === EXIT_ERROR_SAID && said !== undefined
            ? said
            : [`the program ended with exit code ${code}`, ...lastLines].join("\n");
    } finally {
        monitor.close();
    }
}

function aborted(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
        if (signal.aborted) {
            resolve();
        }
        signal.addEventListener("abort", () => resolve(), { once: true });
    });
}
