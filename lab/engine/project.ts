import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parse } from "yaml";

/** Pulumi.yaml, as far as running a Node program needs it. */
export interface Project {
    name: string;
    /** Where Pulumi.yaml is. */
    root: string;
    /** Where the program runs, and what node is told to run there. */
    programDir: string;
    entryPoint: string;
    /** Arguments for node itself (runtime.options.nodeargs). */
    nodeArgs: string[];
    typescript: boolean;
    /** Values that the project file gives to keys: "project:key". */
    defaults: Record<string, unknown>;
}

/** Errors: no Pulumi.yaml, or one that is not a Node program's. */
export function readProject(dir: string): Project {
    const file = join(dir, "Pulumi.yaml");
    if (!existsSync(file)) {
        throw new Error(`there is no Pulumi.yaml in ${dir}`);
    }
    const yaml = parse(readFileSync(file, "utf8"));
    const runtime = typeof yaml.runtime === "string" ? { name: yaml.runtime } : yaml.runtime;
    if (runtime?.name !== "nodejs") {
        throw new Error(`${file}: runtime ${runtime?.name} is not nodejs`);
    }
    const root = resolve(dir);
    const main = yaml.main ? resolve(root, yaml.main) : root;
    const isDir = statSync(main).isDirectory();
    return {
        name: yaml.name,
        root,
        programDir: isDir ? main : dirname(main),
        entryPoint: isDir ? "." : basename(main),
        nodeArgs: words(runtime.options?.nodeargs ?? ""),
        typescript: runtime.options?.typescript !== false,
        defaults: defaultsOf(yaml.name, yaml.config ?? {}),
    };
}

/** Shell-like words, quotes honoured. */
function words(text: string): string[] {
    return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c);
}

function defaultsOf(project: string, declared: Record<string, unknown>): Record<string, unknown> {
    const defaults: Record<string, unknown> = {};
    for (const [key, entry] of Object.entries(declared)) {
        const isDeclaration = typeof entry === "object" && entry !== null;
        const value = isDeclaration ? valueOf(entry) : entry;
        if (value !== undefined) {
            defaults[key.includes(":") ? key : `${project}:${key}`] = value;
        }
    }
    return defaults;
}

function valueOf(declaration: object): unknown {
    const { value, default: fallback } = declaration as { value?: unknown; default?: unknown };
    return value ?? fallback;
}

/** The configuration of a stack as a program gets it: "project:key" to a string, JSON for objects. */
export interface StackConfig {
    values: Record<string, string>;
    secretKeys: string[];
}

/**
 * Reads a stack's file and lays overrides over it ("mesh:key", or "mesh:key.nested.key").
 * Errors: a value that only Pulumi can decrypt.
 */
export function readConfig(project: Project, file: string, overrides: Record<string, string> = {}): StackConfig {
    const yaml = existsSync(file) ? (parse(readFileSync(file, "utf8")) ?? {}) : {};
    const config: Record<string, unknown> = { ...project.defaults, ...(yaml.config ?? {}) };
    layOver(config, overrides);
    const values: Record<string, string> = {};
    for (const [key, value] of Object.entries(config)) {
        if (holdsSecret(value)) {
            throw new Error(`${key} is encrypted; the stand-in engine cannot decrypt it, only Pulumi can`);
        }
        values[key] = typeof value === "object" ? JSON.stringify(value) : String(value);
    }
    return { values, secretKeys: [] };
}

/** Overrides with a path change one value inside a key; the rest replace the whole key. */
export function layOver(config: Record<string, unknown>, overrides: Record<string, string>): void {
    for (const [name, text] of Object.entries(overrides)) {
        const [key, ...path] = name.split(".");
        if (path.length === 0) {
            const value = asJson(text);
            config[key] = typeof value === "object" ? value : text;
            continue;
        }
        const root = structuredClone(config[key] ?? {}) as Record<string, any>;
        const last = path.pop()!;
        let inside = root;
        for (const part of path) {
            inside = inside[part] ??= {};
        }
        inside[last] = asJson(text);
        config[key] = root;
    }
}

function asJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}

function holdsSecret(value: unknown): boolean {
    if (typeof value !== "object" || value === null) {
        return false;
    }
    const keys = Object.keys(value);
    return (keys.length === 1 && keys[0] === "secure") || Object.values(value).some(holdsSecret);
}
