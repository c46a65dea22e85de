import { parse } from "dot-properties";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The service cannot start as it is set up; `message` says what to change. */
export class SettingsError extends Error {
    override readonly name = "SettingsError";
}

/** What a service is told, read as Spring Boot reads it: environment first, then application.properties. */
export interface Settings {
    /** Undefined where nobody says anything. */
    get(key: string): string | undefined;
    /** Errors: SettingsError when it is not said. */
    required(key: string): string;
    /** A whole number. Errors: SettingsError when it is none, or not within the bounds. */
    integer(key: string, fallback: number, min: number, max: number): number;
}

/**
 * SPRING_CONFIG_ADDITIONAL_LOCATION names files, or folders by a "/" at their end that hold an application.properties;
 * later ones win (Spring Boot reference, "Externalized Configuration"). Errors: SettingsError for a location that is
 * not there, unless it says "optional:".
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
    const locations = (env.SPRING_CONFIG_ADDITIONAL_LOCATION ?? "").split(/[,;]/).map((l) => l.trim());
    const properties = new Map<string, string>();
    for (const location of locations.filter((l) => l !== "")) {
        for (const [key, value] of Object.entries(readLocation(location))) {
            properties.set(key, value);
        }
    }
    const get = (key: string): string | undefined => env[variableOf(key)] ?? properties.get(key);
    return {
        get,
        required(key) {
            const value = get(key);
            if (value === undefined || value === "") {
                throw new SettingsError(`${key} is not set, in application.properties or as ${variableOf(key)}`);
            }
            return value;
        },
        integer(key, fallback, min, max) {
            const text = get(key);
            const value = text === undefined ? fallback : Number(text);
            if (!Number.isInteger(value) || value < min || value > max) {
                throw new SettingsError(`${key} is ${text}: a whole number from ${min} to ${max}`);
            }
            return value;
        },
    };
}

/** "sample_api.base_path" is SAMPLE_API_BASE_PATH in the environment. */
function variableOf(key: string): string {
    return key.replaceAll(".", "_").replaceAll("-", "").toUpperCase();
}

function readLocation(location: string): Record<string, string> {
    const optional = location.startsWith("optional:");
    const path = location.replace(/^optional:/, "").replace(/^file:(\/\/)?/, "");
    const folder = path.endsWith("/");
    const file = folder ? join(path, "application.properties") : path;
    if (!existsSync(folder ? path : file)) {
        if (optional) {
            return {};
        }
        throw new SettingsError(`SPRING_CONFIG_ADDITIONAL_LOCATION names ${location}, and there is no ${path}`);
    }
    // A folder may be there for other reasons.
    return existsSync(file) ? (parse(readFileSync(file, "latin1")) as Record<string, string>) : {};
}
