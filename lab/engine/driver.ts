import { join } from "node:path";
import { findPulumi } from "./real/find";
import { PulumiEngine } from "./real/pulumi";
import { StandInEngine } from "./stand-in";
import type { Engine } from "./types";

export type { Changes, Engine, Op, ProgressEvent, RunOptions, RunResult, StateResource, Step } from "./types";
export { changeCount, changesInWords } from "./types";

export interface EngineOptions {
    programDir: string;
    stack: string;
    /** The stack's configuration; only read. */
    configFile: string;
    /** Where the engine keeps its state and all else, outside of the source tree. */
    home: string;
    kubeconfig: string;
    /** Default: the real Pulumi where it is on PATH or can be fetched, else the stand-in. */
    kind?: "auto" | "pulumi" | "stand-in";
    env?: NodeJS.ProcessEnv;
    onProgress?(line: string): void;
}

/** Errors: no program in `programDir`; kind "pulumi" and no CLI; the stand-in, and a cluster on another machine. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
    const env = options.env ?? process.env;
    const kind = options.kind ?? "auto";
    if (kind === "stand-in") {
        return new StandInEngine({ ...options, env, because: "asked for" });
    }
    const found = await findPulumi(env, { download: kind === "auto", onProgress: options.onProgress });
    if ("pulumi" in found) {
        return new PulumiEngine({ ...options, env, found });
    }
    if (kind === "pulumi") {
        throw new Error(found.missing);
    }
    return new StandInEngine({ ...options, env, because: found.missing });
}

/** The engine's folder of a lab: it goes with the lab, as the cluster does that its state speaks of. */
export function engineHome(lab: { home: string }): string {
    return join(lab.home, "engine");
}
