/** Reads a stack file (Pulumi.<stack>.yaml) into the flat keys that Pulumi would hand to the program. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { parseDocument } from "yaml";
import { ConfigError, didYouMean, type Problem } from "./problems";
import { mayNotBeSecret, misplacedSecret, PREFIX } from "./raw";

/** What stands in for a value that only Pulumi can decrypt. */
export const SECRET_PLACEHOLDER = "[secret]";

/**
 * The configuration of a stack file: text as it is, numbers and booleans as text, objects as JSON, `{ secure: ... }`
 * as "[secret]".
 * @throws ConfigError when there is no such file, when it is not YAML with a mapping under `config`, or when something
 * is encrypted that would not stay secret
 */
export function readStackFile(path: string): Record<string, string> {
    const file = basename(path);
    const content = readText(path, file);
    const document = parseDocument(content, { merge: true });
    if (document.errors.length > 0) {
        throw new ConfigError(document.errors.map(problemOf), file);
    }
    const root = toPlain(document, file);
    if (root !== null && !isMapping(root)) {
        throw new ConfigError([{ key: file, found: kindOf(root), allowed: "a mapping with the key config" }], file);
    }
    const config = root?.["config"] ?? {};
    if (!isMapping(config)) {
        throw new ConfigError(
            [{ key: "config", found: kindOf(config), allowed: "a mapping of keys like mesh:generation" }],
            file,
        );
    }
    const entries = Object.entries(config).map(([key, value]) => [fullKey(key), value] as const);
    const misplaced = entries.filter(([key, value]) => mayNotBeSecret(key) && holdsSecret(value));
    if (misplaced.length > 0) {
        throw new ConfigError(
            misplaced.map(([key]) => misplacedSecret(key)),
            file,
        );
    }
    return Object.fromEntries(entries.map(([key, value]) => [key, flatten(value)]));
}

function readText(path: string, file: string): string {
    try {
        return readFileSync(path, "utf8");
    } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "ENOENT") {
            const others = stackFilesBeside(path);
            const allowed = others.length === 0 ? "a stack file, Pulumi.<stack>.yaml" : `one of ${others.join(", ")}`;
            const hint = didYouMean(file, others);
            throw new ConfigError(
                [{ key: file, found: "no such file", allowed, ...(hint === undefined ? {} : { hint }) }],
                file,
            );
        }
        throw new ConfigError(
            [{ key: file, found: `cannot be read (${code ?? "unknown"})`, allowed: "a readable file" }],
            file,
        );
    }
}

function stackFilesBeside(path: string): string[] {
    try {
        return readdirSync(dirname(path))
            .filter((name) => /^Pulumi\..+\.yaml$/.test(name))
            .sort();
    } catch {
        return [];
    }
}

function problemOf(error: {
    message: string;
    linePos?: readonly { line: number; col: number }[] | undefined;
}): Problem {
    const at = error.linePos?.[0];
    // Beyond its first line the message repeats the text around the place, which may hold a secret.
    const said = (error.message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, "");
    return {
        key: at === undefined ? "the file" : `line ${at.line}, column ${at.col}`,
        found: "not YAML",
        allowed: said,
    };
}

function toPlain(document: ReturnType<typeof parseDocument>, file: string): unknown {
    try {
        return document.toJS({ maxAliasCount: 100 });
    } catch (error) {
        const allowed = error instanceof Error ? error.message : "aliases that can be resolved";
        throw new ConfigError([{ key: file, found: "not YAML", allowed }], file);
    }
}

/** Pulumi gives a key without a namespace the project's. */
function fullKey(key: string): string {
    return key.includes(":") ? key : `${PREFIX}${key}`;
}

function flatten(value: unknown): string {
    const plain = hideSecrets(value);
    return typeof plain === "string" ? plain : JSON.stringify(plain ?? null);
}

function hideSecrets(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(hideSecrets);
    }
    if (!isMapping(value)) {
        return value;
    }
    if (isEncrypted(value)) {
        return SECRET_PLACEHOLDER;
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hideSecrets(item)]));
}

function holdsSecret(value: unknown): boolean {
    return (
        typeof value === "object" && value !== null && (isEncrypted(value) || Object.values(value).some(holdsSecret))
    );
}

/** Source: pulumi sdk/go/common/resource/config/object.go, isSecureValue: exactly one key, holding text. */
function isEncrypted(value: object): boolean {
    const [first, ...others] = Object.entries(value);
    return others.length === 0 && first?.[0] === "secure" && typeof first[1] === "string";
}

function isMapping(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
    return value === null
        ? "nothing"
        : Array.isArray(value)
          ? "a list"
          : typeof value === "string"
            ? "text"
            : `a ${typeof value}`;
}
