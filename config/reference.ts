/** The table of all keys for docs/configuration.md, made from the schema. */
import { type JsonSchema, keysSchema } from "./json-schema";
import { PREFIX } from "./raw";

export const START = "<!-- config:start -->";
export const END = "<!-- config:end -->";

/** What stands for a name that the user chooses, by the key whose names they are. */
const PLACEHOLDERS: Record<string, string> = {
    operators: "<operator>",
    namespaces: "<namespace>",
    services: "<service>",
    existingRoutes: "<route>",
    properties: "<key>",
    env: "<variable>",
    secrets: "<name>",
};

/** A Markdown table: key, what it may be, what it means. */
export function configTable(): string {
    const rows = rowsOf(keysSchema(), []);
    return ["| Key | Value | Meaning |", "| --- | --- | --- |", ...rows.map((row) => `| ${row.join(" | ")} |`)].join(
        "\n",
    );
}

/**
 * The document with the table between its markers renewed.
 * @throws Error when a marker is missing
 */
export function withConfigTable(document: string): string {
    const [start, end] = [document.indexOf(START), document.indexOf(END)];
    if (start < 0 || end < start) {
        throw new Error(`the document has no ${START} followed by ${END}`);
    }
    return `${document.slice(0, start + START.length)}\n\n${configTable()}\n\n${document.slice(end)}`;
}

type Row = [key: string, value: string, meaning: string];

function rowsOf(node: JsonSchema, path: string[]): Row[] {
    // The keys that the next generation may have otherwise stand in the table already.
    const again = path[0] === "next" && path.length === 2;
    const rows = isQuantities(node) || again ? [] : rowsInside(node, path);
    // What only groups other keys needs no line of its own.
    const group = path.length > 1 && node.properties !== undefined && rows.length > 0;
    return node.description === undefined || path.length === 0 || group ? rows : [rowOf(node, path), ...rows];
}

function rowsInside(node: JsonSchema, path: string[]): Row[] {
    const children = Object.entries(node.properties ?? {});
    const placeholder = PLACEHOLDERS[path.at(-1) ?? ""] ?? "<name>";
    const [first] = children;
    if (path.join() === "operators" && first !== undefined) {
        // All take the same keys.
        return rowsOf(asSchema(first[1]), [...path, placeholder]);
    }
    const entry = typeof node.additionalProperties === "object" ? node.additionalProperties : undefined;
    return [
        ...children.flatMap(([name, child]) => rowsOf(asSchema(child), [...path, name])),
        ...(entry?.properties === undefined ? [] : rowsOf(entry, [...path, placeholder])),
        ...rulesOf(node, path),
    ];
}

/** Whether this is cpu and memory, which are told together. */
export function isQuantities(node: JsonSchema): boolean {
    return Object.keys(node.properties ?? {}).join() === "cpu,memory";
}

/** Of a value that may be a word or a list of objects, the objects' keys. */
function rulesOf(node: JsonSchema, path: string[]): Row[] {
    return (node.anyOf ?? []).flatMap((option) => {
        const items = asSchema(option).items;
        const item = Array.isArray(items) || items === undefined ? undefined : asSchema(items);
        return item?.properties === undefined ? [] : rowsOf(item, [...path.slice(0, -1), `${path.at(-1) ?? ""}[]`]);
    });
}

function rowOf(node: JsonSchema, path: string[]): Row {
    return [`\`${PREFIX}${path.join(".")}\``, escape(valueOf(node)), escape(node.description ?? "")];
}

/** What a value may be, in Markdown. */
export function valueOf(node: JsonSchema): string {
    const type = Array.isArray(node.type) ? node.type[0] : node.type;
    if (type === "boolean") {
        return "`true` or `false`";
    }
    if (node.enum !== undefined) {
        return node.enum.map((value) => `\`${String(value)}\``).join(" or ");
    }
    if (node.const !== undefined) {
        return `\`${String(node.const)}\``;
    }
    if (node.anyOf !== undefined) {
        return node.anyOf.map((option) => valueOf(asSchema(option))).join(" or ");
    }
    switch (type) {
        case "array":
            return Array.isArray(node.items) || node.items === undefined
                ? "list"
                : `list of ${valueOf(asSchema(node.items))}`;
        case "integer":
        case "number":
            return `${node.minimum ?? "…"} to ${node.maximum ?? "…"}`;
        case "object":
            return isQuantities(node)
                ? "`cpu`, `memory`"
                : typeof node.additionalProperties === "object"
                  ? "map"
                  : "object";
        default:
            return "text";
    }
}

function asSchema(node: unknown): JsonSchema {
    return typeof node === "object" && node !== null ? (node as JsonSchema) : {};
}

function escape(text: string): string {
    return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
