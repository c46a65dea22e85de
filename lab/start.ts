import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { findBinaries } from "./binaries";
import { logFile, startControlPlane } from "./control-plane/start";
import { findEnvoy } from "./dataplane/envoy-binary";
import { crdsOfModule, ISTIO, ROUTE } from "./crds/modules";
import type { DaemonNote } from "./daemon-note";
import { isAlive, spawnDetached } from "./processes";
import { parseSettings, type SettingsPatch } from "./settings";
import { patchSettingsFile } from "./settings-file";
import { CHECKOUT, type DataPlaneNote, lastLines, type Paths, readJsonFile, type State, writeState } from "./state";

export { PortTaken } from "./control-plane/start";

const CHECK_MS = 25;
/** The daemon has limits of its own for every step; this one is for a daemon that hangs. */
const READY_MS = 240_000;

/**
 * Starts everything in a home that is empty but for its logs. This process starts the others; what is done through the
 * API the daemon does. Errors: an Error in words; the caller clears up.
 */
export async function startLab(
    name: string,
    paths: Paths,
    options: { settings?: SettingsPatch; endsWith?: number },
    say: (line: string) => void,
): Promise<State> {
    const state: State = { name, checkout: CHECKOUT, startedAt: new Date().toISOString(), ready: false, pids: {} };
    const note = (change: Partial<State>): void => writeState(paths, Object.assign(state, change));
    note({});
    patchSettingsFile(paths.settings, options.settings ?? {});
    // Istio's CRDs are installed by the first control plane; fetched now, so that it cannot fail then.
    const [binaries, envoy] = await Promise.all([
        findBinaries(say),
        envoyOrReason(options.settings ?? {}, say),
        crdsOfModule(ISTIO),
        crdsOfModule(ROUTE),
    ]);
    say(`starting etcd and kube-apiserver for lab ${name}`);
    const { server, startControllers } = await startControlPlane(paths, binaries, {
        onSpawn: (process, pid) => note({ pids: { ...state.pids, [process]: pid } }),
        onFiles: (files) => {
            const daemon = startDaemon(paths, files.standInsKubeconfig, options.endsWith, envoy.path);
            note({ pids: { ...state.pids, daemon } });
        },
    });
    note({ server });
    await daemonReady(paths, state.pids.daemon, say, startControllers);
    const dataPlane = readJsonFile<DaemonNote>(paths.daemon)?.dataPlane ?? { off: envoy.reason ?? "it did not start" };
    say(aboutDataPlane(dataPlane));
    note({ ready: true, dataPlane });
    return state;
}

/** A lab without Envoy is still a cluster. */
async function envoyOrReason(
    settings: SettingsPatch,
    say: (line: string) => void,
): Promise<{ path?: string; reason?: string }> {
    if (!parseSettings(settings).dataplane.enabled) {
        return { reason: "the setting dataplane.enabled is false" };
    }
    try {
        return { path: await findEnvoy(say) };
    } catch (error) {
        return { reason: (error as Error).message };
    }
}

function aboutDataPlane(note: DataPlaneNote): string {
    return "router" in note
        ? `requests flow through real Envoys, configured by the lab in istiod's place; the router is at ${note.router}`
        : `no requests flow, since there is no data plane: ${note.off}`;
}

/** A process that stays when this one ends. */
function startDaemon(paths: Paths, kubeconfig: string, endsWith?: number, envoy?: string): number {
    const tsx = pathToFileURL(require.resolve("tsx")).href;
    const args = ["--import", tsx, join(__dirname, "daemon.ts"), "--home", paths.home, "--kubeconfig", kubeconfig];
    if (endsWith !== undefined) {
        args.push("--ends-with", String(endsWith));
    }
    if (envoy !== undefined) {
        args.push("--envoy", envoy);
    }
    return spawnDetached(process.execPath, args, { log: logFile(paths, "daemon"), cwd: CHECKOUT }).pid;
}

async function daemonReady(
    paths: Paths,
    pid: number | undefined,
    say: (line: string) => void,
    onCrds: () => void,
): Promise<void> {
    const until = Date.now() + READY_MS;
    let hasCrds = false;
    let told: string | undefined = "starting";
    for (;;) {
        const { stage, error, crds } = readJsonFile<DaemonNote>(paths.daemon) ?? {};
        if (crds && !hasCrds) {
            hasCrds = true;
            onCrds();
        }
        if (stage === "ready") {
            return;
        }
        if (stage !== undefined && stage !== told) {
            told = stage;
            say(stage);
        }
        if (error !== undefined || !isAlive(pid, paths.home) || Date.now() > until) {
            const what = error ?? "the stand-ins did not start";
            throw new Error(`${what}; the daemon's last words:\n${lastLines(logFile(paths, "daemon"), 15)}`);
        }
        await sleep(CHECK_MS);
    }
}
