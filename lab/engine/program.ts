import { type Child, endOf, startNode } from "./processes";
import type { Project, StackConfig } from "./project";

export interface ProgramOptions {
    project: Project;
    stack: string;
    organization: string;
    preview: boolean;
    parallel: number;
    config: StackConfig;
    env: NodeJS.ProcessEnv;
    /** Where the resource monitor and the engine listen. */
    address: string;
    onLine(stream: "stdout" | "stderr", line: string): void;
}

export interface Program {
    /** The exit code; null when a signal ended it. */
    ended: Promise<number | null>;
    /** Interrupts it, as Pulumi does, and kills it after five seconds. */
    end(): Promise<void>;
}

/** The program has told its error to the engine already (pulumi sdk/nodejs/cmd/run/index.ts). */
export const EXIT_ERROR_SAID = 32;

/**
 * Starts a program the way Pulumi's Node language host does: the SDK's own entry point, the configuration in the
 * environment. Source: pulumi sdk/nodejs/cmd/pulumi-language-nodejs/main.go, execRuntime and constructArguments.
 */
export function startProgram(options: ProgramOptions): Program {
    const { project, config } = options;
    const flags: Record<string, string> = {
        monitor: options.address,
        engine: options.address,
        organization: options.organization,
        project: project.name,
        "root-directory": project.root,
        stack: options.stack,
        pwd: project.programDir,
    };
    const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]);
    if (options.preview) {
        args.push("--dry-run");
    }
    args.push("--parallel", String(options.parallel), project.entryPoint);
    const child: Child = startNode("@pulumi/pulumi/cmd/run", {
        cwd: project.programDir,
        nodeArgs: project.nodeArgs,
        args,
        env: {
            ...options.env,
            PULUMI_CONFIG: JSON.stringify(hostKeys(config.values)),
            PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(config.secretKeys),
            ...(project.typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
        },
    });
    child.onStdout((line) => options.onLine("stdout", line));
    child.onStderr((line) => options.onLine("stderr", line));
    return { ended: child.ended.then(({ code }) => code), end: () => endOf(child, 5_000) };
}

/** The host still writes "project:config:key"; the SDK reads both (main.go, constructConfig). */
function hostKeys(values: Record<string, string>): Record<string, string> {
    return Object.fromEntries(
        Object.entries(values).map(([key, value]) => {
            const [namespace, ...name] = key.split(":");
            return [`${namespace}:config:${name.join(":")}`, value];
        }),
    );
}
