import { parse } from "yaml";
import type { RenderedFiles } from "../render/files";
import { declare, type Declared, type Picture } from "./picture";

const PATCH = ": on an object of others";

/** What a rendering's files show. */
export function pictureOf(files: RenderedFiles): Picture {
    const objects = objectsIn(files["manifests.yaml"]);
    const known = new Set(objects.map(({ kind, id }) => `${kind} ${id.slice(id.indexOf("/") + 1)}`));
    return {
        declared: unique([...objects, ...othersIn(files["graph.txt"], known)]),
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

function othersIn(graph: string, known: ReadonlySet<string>): Declared[] {
    return graph
        .split("\n")
        .filter((line) => /^\S/.test(line))
        .map((line) => line.split("  in ")[0])
        .filter((label) => !known.has(label) && !FOLLOWS.includes(label.split(" ")[0]))
        .map((label) => {
            const [kind, ...name] = label.split(" ");
            return { ...declare(`other/${label}`, {}), kind, name: name.join(" "), title: label };
        });
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
