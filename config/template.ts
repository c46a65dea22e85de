/** A stack file that explains every key, made from the schema: what a new environment is copied from. */
import { stringify } from "yaml";
import { type JsonSchema, keysSchema } from "./json-schema";
import { PREFIX } from "./raw";
import { isQuantities, valueOf } from "./reference";
import { EXAMPLE, NEEDED } from "./template-example";

const WIDTH = 110;

const HEAD = `# yaml-language-server: $schema=mesh.schema.json
## A stack file with every key of mesh:. A new environment, here called prod-eu:
##   cp docs/stack-template.yaml Pulumi.prod-eu.yaml    and edit it
##   pulumi stack init prod-eu && pulumi up
## Lines that begin with ## explain; what is commented out with a single # is an example of what may be said, and need
## not be. A key that is said to have a default has it while it is left out. Not all keys go together: pulumi preview and
## npm run render say in words which do not. Made by npm run docs.
config:
`;

/** The text of docs/stack-template.yaml. */
export function templateText(): string {
    const lines = new Writer().keys(EXAMPLE, keysSchema(), { path: [], indent: 2 });
    return `${HEAD}${lines.map(textOf).join("\n")}\n`;
}

/** The template with everything in it that was commented out. */
export function withEverything(template: string): string {
    return template.replace(/^( +)# /gm, "$1");
}

interface Line {
    indent: number;
    text: string;
    /** Where the mark stands that comments it out. */
    margin?: number | undefined;
}

interface Place {
    path: string[];
    indent: number;
    /** Set inside of what is commented out. */
    margin?: number | undefined;
}

class Writer {
    /** What has been explained: the keys of several services are those of the first. */
    private readonly explained = new Set<string>();

    /** The lines of an object, its keys in the schema's order. */
    keys(value: object, node: JsonSchema, { path, indent, margin }: Place): Line[] {
        const order = Object.keys(node.properties ?? {});
        const rank = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length);
        const entries = Object.entries(value).sort(([a], [b]) => rank(a) - rank(b));
        return entries.flatMap(([key, inner]) => {
            const at = [...path, key];
            const child = childOf(node, key);
            const outside = margin ?? (NEEDED.has(at.join(".")) ? undefined : indent);
            const lines = [
                ...this.explain(child, indent).map((text) => ({ indent, text, margin })),
                ...this.entry(path.length === 0 ? PREFIX + key : key, inner, child, {
                    path: at,
                    indent,
                    margin: outside,
                }),
            ];
            return path.length === 0 ? [{ indent: 0, text: "" }, ...lines] : lines;
        });
    }

    private entry(name: string, value: unknown, node: JsonSchema, place: Place): Line[] {
        const { indent, margin } = place;
        const deeper = { ...place, indent: indent + 2 };
        if (isInline(value, node)) {
            return [{ indent, margin, text: `${name}: ${inline(value)}` }];
        }
        const inside = Array.isArray(value)
            ? value.flatMap((item: object) => asItem(this.keys(item, itemOf(node), { ...deeper, indent: indent + 4 })))
            : this.keys(value as object, node, deeper);
        return [{ indent, margin, text: `${name}:` }, ...inside];
    }

    /** What a key means and what it may be, the first time that it is met. */
    private explain(node: JsonSchema, indent: number): string[] {
        const { description } = node;
        if (description === undefined || this.explained.has(description)) {
            return [];
        }
        this.explained.add(description);
        const allowed = valueOf(node).replaceAll("`", "");
        const said = /^(text|object|map|list of object)$/.test(allowed) ? "" : ` Allowed: ${allowed}.`;
        return wrapped(description + said, WIDTH - indent - "## ".length).map((line) => `## ${line}`);
    }
}

function textOf({ indent, text, margin }: Line): string {
    const line =
        margin === undefined
            ? " ".repeat(indent) + text
            : `${" ".repeat(margin)}# ${" ".repeat(indent - margin)}${text}`;
    return line.trimEnd();
}

/** The lines of an object as an item of a list: its first key stands behind the dash. */
function asItem(lines: Line[]): Line[] {
    const first = lines.findIndex(({ text }) => !text.startsWith("##"));
    return lines.map((line, i) => (i === first ? { ...line, indent: line.indent - 2, text: `- ${line.text}` } : line));
}

function wrapped(text: string, width: number): string[] {
    return text.split(" ").reduce<string[]>((lines, word) => {
        const last = lines.at(-1);
        return last !== undefined && last.length + 1 + word.length <= width
            ? [...lines.slice(0, -1), `${last} ${word}`]
            : [...lines, word];
    }, []);
}

function childOf(node: JsonSchema, key: string): JsonSchema {
    const holder = variants(node).find(
        (n) => n.properties?.[key] !== undefined || typeof n.additionalProperties === "object",
    );
    const child = holder?.properties?.[key] ?? holder?.additionalProperties;
    if (typeof child !== "object") {
        throw new Error(`the schema has no key ${key}: config/template-example.ts is of another one`);
    }
    return child;
}

function itemOf(node: JsonSchema): JsonSchema {
    const items = variants(node).find((n) => n.items !== undefined)?.items;
    return items as JsonSchema;
}

/** What a value may be, one by one. */
function variants(node: JsonSchema): JsonSchema[] {
    return [node, ...((node.anyOf ?? []) as JsonSchema[])];
}

/** Whether a value stands on its key's line. */
function isInline(value: unknown, node: JsonSchema): boolean {
    const parts = typeof value === "object" && value !== null ? Object.values(value) : [];
    return (
        parts.every((part) => typeof part !== "object") &&
        (!isObject(value) || parts.length === 0 || isQuantities(node))
    );
}

function isObject(value: unknown): value is object {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** As Prettier writes it. */
function inline(value: unknown): string {
    if (Array.isArray(value)) {
        return `[${value.map(inline).join(", ")}]`;
    }
    if (isObject(value)) {
        const pairs = Object.entries(value).map(([key, inner]) => `${key}: ${inline(inner)}`);
        return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
    }
    return typeof value === "string" && value.includes("\n")
        ? JSON.stringify(value)
        : stringify(value, { lineWidth: 0 }).trim();
}
