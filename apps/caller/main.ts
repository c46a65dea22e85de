import { readBody, tracingHeaders } from "../shared/http";
import { run } from "../shared/run";
import { type Settings, SettingsError } from "../shared/settings";
import { passOn } from "./upstream";

const DEFAULT_TIMEOUT_MS = 5_000;

/** Passes applications on to sample, wherever sample_api.base_path says that it is. */
void run("caller", (settings) => {
    const url = applyUrl(settings);
    const timeoutMs = settings.integer("sample_api.timeout", DEFAULT_TIMEOUT_MS, 1, 600_000);
    return {
        "POST /api/caller/apply": async (request) =>
            passOn("sample", {
                url,
                headers: {
                    ...tracingHeaders(request.headers),
                    "content-type": request.headers["content-type"] ?? "application/octet-stream",
                },
                body: await readBody(request),
                timeoutMs,
            }),
    };
});

function applyUrl(settings: Settings): URL {
    const base = settings.required("sample_api.base_path");
    if (!URL.canParse(base) || new URL(base).protocol !== "http:") {
        throw new SettingsError(`sample_api.base_path is ${base}: an address like http://sample:8080`);
    }
    return new URL(`${base.replace(/\/+$/, "")}/api/sample/apply`);
}
