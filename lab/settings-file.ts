import { existsSync, readFileSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { mergeSettings, parseSettings, type Settings } from "./settings";
import { writeFileWhole } from "./state";

/** fs.watch() misses changes on some file systems. */
const POLL_MS = 500;

/** What has been set in a lab; all else has its default. */
export function readOverrides(file: string): Record<string, unknown> {
    return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
}

/**
 * Changes the file, or makes it; returns its new text. Errors: what is wrong with the settings, or that one of them is
 * fixed since the lab was brought up; then nothing is changed.
 */
export function patchSettingsFile(file: string, patch: object): string {
    const merged = mergeSettings(readOverrides(file), patch);
    const { openshift } = parseSettings(merged);
    if (existsSync(file) && openshift !== parseSettings(readOverrides(file)).openshift) {
        throw new Error(`which OpenShift a lab is is fixed: end it and bring one up with openshift=${openshift}`);
    }
    const text = JSON.stringify(merged, null, 4);
    writeFileWhole(file, text);
    return text;
}

/**
 * Follows the file until the signal aborts: `onSettings` gets the settings and the text they come from, now and after
 * each change. A file that is not valid is reported, and the last valid settings stay.
 */
export function followSettings(
    file: string,
    signal: AbortSignal,
    onSettings: (settings: Settings, text: string) => void,
    onError: (error: Error) => void,
): void {
    let last: string | undefined;
    const read = (): void => {
        const text = existsSync(file) ? readFileSync(file, "utf8") : "{}";
        if (text === last) {
            return;
        }
        last = text;
        try {
            onSettings(parseSettings(JSON.parse(text)), text);
        } catch (error) {
            onError(error as Error);
        }
    };
    read();
    if (existsSync(dirname(file))) {
        watch(dirname(file), { signal }, (_event, name) => {
            if (name === basename(file)) {
                read();
            }
        }).on("error", () => undefined);
    }
    const timer = setInterval(read, POLL_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
}
