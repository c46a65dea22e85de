import { existsSync, readdirSync, rmSync } from "node:fs";
import { end } from "./processes";
import { type Paths, readState, type State } from "./state";

const PATIENCE_MS = 5_000;

/**
 * Ends what runs of a lab and removes its home. Errors: an Error when the folder is not a lab's; then nothing is done.
 */
export async function tearDown(paths: Paths): Promise<void> {
    const state = readState(paths);
    if (!state && existsSync(paths.home) && readdirSync(paths.home).some((name) => name !== "logs")) {
        throw new Error(`${paths.home} is not the home of a lab: remove it, or choose another name`);
    }
    await end(state?.pids.daemon, paths.home, PATIENCE_MS);
    await endPods(paths);
    await endControlPlane(state?.pids ?? {}, paths);
    rmSync(paths.home, { recursive: true, force: true });
}

/** Ends the processes of pods, which a daemon that was killed leaves behind. */
export async function endPods({ pids, home }: Paths): Promise<void> {
    const left = existsSync(pids) ? readdirSync(pids).map(Number) : [];
    await Promise.all(left.map((pid) => end(pid, home, 0)));
}

/** An API server whose etcd is gone does not end when asked to: it goes first. */
export async function endControlPlane(pids: State["pids"], { home }: Paths): Promise<void> {
    await Promise.all([end(pids["kube-controller-manager"], home, 0), end(pids["kube-apiserver"], home, PATIENCE_MS)]);
    await end(pids.etcd, home, PATIENCE_MS);
}
