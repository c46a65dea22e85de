import { StandInEngine } from "./stand-in";
import type { Engine } from "./types";

export type { Engine, Op, ProgressEvent, RunOptions, RunResult, StateResource, Step } from "./types";

export interface EngineOptions {
    programDir: string;
    stack: string;
    /** The stack's configuration; only read. */
    configFile: string;
    /** Where state and all else of the engine is kept, outside of the source tree. */
    home: string;
    kubeconfig: string;
    /** Default: the real Pulumi where it is on PATH or can be had, else the stand-in. */
    kind?: "auto" | "pulumi" | "stand-in";
    env?: NodeJS.ProcessEnv;
}
export async function openEngine(options: EngineOptions): Promise<Engine> {
    return new StandInEngine({ ...options, env: options.env ?? process.env, because: "x" });
}
