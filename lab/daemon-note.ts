import type { Report } from "./standins/supervisor";
import type { DataPlaneNote } from "./state";

/** What the daemon notes for others, in daemon.json. */
export interface DaemonNote {
    /** What it is doing about the cluster; "ready" when that is done. */
    stage: string;
    /** The CRDs of the beginning are there. */
    crds: boolean;
    /** Why the cluster could not be made ready. */
    error?: string;
    /** The text of the settings that the stand-ins work with. */
    settings: string;
    settingsError?: string;
    dataPlane?: DataPlaneNote;
    standIns: Record<string, Report>;
}
