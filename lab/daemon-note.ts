import type { Report } from "./standins/supervisor";

/** What the daemon notes for others, in daemon.json. */
export interface DaemonNote {
    /** The text of the settings that the stand-ins work with. */
    settings: string;
    settingsError?: string;
    standIns: Record<string, Report>;
}
