import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { Kube } from "../kube";
import { findBinaries } from "./binaries";
import { logFile, startControlPlane } from "./control-plane/start";
import { baseCrds, installCrds, istioCrds } from "./crds";
import type { DaemonNote } from "./daemon-note";
import { isAlive, spawnDetached } from "./processes";
import { parseSettings, type SettingsPatch } from "./settings";
import { patchSettingsFile } from "./settings-file";
import { seed, settled } from "./seed";
import { CHECKOUT, lastLines, type Paths, readJsonFile, type State, writeState } from "./state";

const DAEMON_READY_MS = 30_000;

/** Starts everything in a home that is empty but for its logs. Errors: an Error in words; the caller clears up. */
export async function startLab(
    name: string,
    paths: Paths,
    settings: SettingsPatch,
    say: (line: string) => void,
): Promise<State> {
    const state: State = { name, checkout: CHECKOUT, startedAt: new Date().toISOString(), ready: false, pids: {} };
    const note = (change: Partial<State>): void => writeState(paths, Object.assign(state, change));
    note({});
    patchSettingsFile(paths.settings, settings);
    // Istio's are installed by the first control plane; fetched now, so that it cannot fail then.
    const [binaries, crds] = await Promise.all([findBinaries(say), baseCrds(), istioCrds()]);
    say(`starting etcd and kube-apiserver for lab ${name}`);
    const controlPlane = await startControlPlane(paths, binaries, (process, pid) =>
        note({ pids: { ...state.pids, [process]: pid } }),
    );
    note({ server: controlPlane.server });
    const daemon = startDaemon(paths, controlPlane.files.standInsKubeconfig);
    note({ pids: { ...state.pids, daemon } });
    const kube = Kube.load({ kubeconfig: paths.kubeconfig });
    await controlPlane.answering(kube);
    controlPlane.startControllers();
    say("installing the CRDs that OpenShift has");
    await installCrds(kube, crds);
    say("making what is in the cluster before anybody comes");
    await seed(kube, parseSettings(settings));
    await daemonReady(paths, daemon);
    await settled(kube);
    note({ ready: true });
    return state;
}

/** The stand-ins, as a process that stays when this one ends. */
function startDaemon(paths: Paths, kubeconfig: string): number {
    const tsx = pathToFileURL(require.resolve("tsx")).href;
    const args = ["--import", tsx, join(__dirname, "daemon.ts"), "--home", paths.home, "--kubeconfig", kubeconfig];
    return spawnDetached(process.execPath, args, { log: logFile(paths, "daemon"), cwd: CHECKOUT }).pid;
}

async function daemonReady(paths: Paths, pid: number): Promise<void> {
    const until = Date.now() + DAEMON_READY_MS;
    for (;;) {
        const standIns = Object.values(readJsonFile<DaemonNote>(paths.daemon)?.standIns ?? {});
        if (standIns.length > 0 && standIns.every(({ health }) => health === "watching")) {
            return;
        }
        if (!isAlive(pid, paths.home) || Date.now() > until) {
            throw new Error(`the stand-ins are not all running:\n${lastLines(logFile(paths, "daemon"), 15)}`);
        }
        await sleep(25);
    }
}
