import { parse } from "yaml";
import type { RenderedFiles } from "../render/files";
import { declare, type Declared, type Picture } from "./picture";

const PATCH = ": on an object of others";

/** What a rendering's files show. */
export function pictureOf(files: RenderedFiles): Picture {
    const objects = objectsIn(files["manifests.yaml"]);
    const labels = new Map(objects.map((d) => [`${d.kind} ${d.id.slice(d.id.indexOf("/") + 1)}`, d]));
    const lines = linesIn(files["graph.txt"]);
    lines
        .filter(({ protect }) => protect)
        .forEach(({ label }) => Object.assign(labels.get(label) ?? {}, { protect: true }));
    return {
        declared: unique([...objects, ...others(lines.map(({ label }) => label).filter((l) => !labels.has(l)))]),
        outputs: parse(files["outputs.yaml"]) ?? {},
    };
}

/** Each document begins with the resource's name as a comment. */
function objectsIn(manifests: string): Declared[] {
    return manifests
        .split(/^---\n/m)
        .filter((text) => text.trim() !== "")
        .map((text) => {
            const [first] = text.split("\n", 1);
            const patch = first.endsWith(PATCH);
            const name = first.replace(/^# /, "").replace(PATCH, "");
            const object = parse(text);
            const kind = patch ? "ObjectPatch" : idKind(object);
            return declare(`${kind}/${name}`, object, patch);
        });
}

/** Versions of one API are one kind. */
function idKind({ apiVersion, kind }: { apiVersion: string; kind: string }): string {
    return apiVersion.includes("/") ? `${kind}.${apiVersion.split("/")[0]}` : kind;
}

/** Resources that are no objects are in the graph alone: by their names. What follows from others tells nothing. */
const FOLLOWS = ["OperatorRemoval", "SharedUse", "ObjectPatch"];

function others(labels: string[]): Declared[] {
    return labels
        .filter((label) => !FOLLOWS.includes(label.split(" ")[0]))
        .map((label) => {
            const [kind, ...name] = label.split(" ");
            return { ...declare(`other/${label}`, {}), kind, name: name.join(" "), title: label };
        });
}

/** A line of the graph for each resource: its kind and name, its owner, whether it is protected; parted by two blanks. */
function linesIn(graph: string): { label: string; protect: boolean }[] {
    return graph
        .split("\n")
        .filter((line) => /^\S/.test(line))
        .map((line) => line.split("  "))
        .map(([label, ...more]) => ({ label, protect: more.includes("protected") }));
}

/** Resources of one kind may share a name below different components. */
function unique(declared: Declared[]): Declared[] {
    const seen = new Map<string, number>();
    return declared.map((d) => {
        const count = (seen.get(d.id) ?? 0) + 1;
        seen.set(d.id, count);
        return count === 1 ? d : { ...d, id: `${d.id}#${count}` };
    });
}
