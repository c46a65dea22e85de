import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { FILES, filesOf, type RenderedFiles } from "../render/files";
import { render } from "../render/render";
import { rolesOf } from "../rights/roles";
import { yamlOf } from "../rights/yaml";

/** Where the golden renderings are, one folder an environment. */
export const GOLDEN = "tests/golden";

/** Lines of a difference that are shown; one look tells whether it was meant. */
const SHOWN_LINES = 60;

/** The environments: every stack file of a folder. */
export function environments(root = "."): string[] {
    return readdirSync(root)
        .map((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1])
        .filter((name) => name !== undefined)
        .sort();
}

/** Beside the rendering: the roles of those who work with the environment, as `npm run roles` prints them. */
export const ROLES_FILE = "roles.yaml";

/** A rendering, with the roles. */
export type GoldenFiles = RenderedFiles & Partial<Record<typeof ROLES_FILE, string>>;

/** The golden rendering of an environment; a file that is not there is empty. */
export function readGolden(stack: string, root = GOLDEN): GoldenFiles {
    const read = (name: string): string => {
        const file = join(root, stack, name);
        return existsSync(file) ? readFileSync(file, "utf8") : "";
    };
    return Object.fromEntries([...FILES, ROLES_FILE].map((name) => [name, read(name)])) as GoldenFiles;
}

/** What an environment's golden rendering is to be. */
export async function freshGolden(stack: string): Promise<GoldenFiles> {
    return { ...filesOf(await render(stack)), [ROLES_FILE]: yamlOf(await rolesOf(stack)) };
}

const namesOf = (files: GoldenFiles): (keyof GoldenFiles)[] => Object.keys(files) as (keyof GoldenFiles)[];

/** Writes an environment's golden rendering; returns the files that are others now. */
export function writeGolden(stack: string, fresh: GoldenFiles, root = GOLDEN): string[] {
    const before = readGolden(stack, root);
    const changed = namesOf(fresh).filter((name) => before[name] !== fresh[name]);
    mkdirSync(join(root, stack), { recursive: true });
    changed.forEach((name) => writeFileSync(join(root, stack, name), fresh[name] ?? ""));
    return changed.map((name) => join(root, stack, name));
}

/** Takes away what belongs to no environment any more; returns which that was. */
export function removeOrphans(stacks: string[], root = GOLDEN): string[] {
    const orphans = orphansAmong(stacks, root);
    orphans.forEach((name) => rmSync(join(root, name), { recursive: true }));
    return orphans.map((name) => join(root, name));
}

/** Golden renderings of environments that are gone. */
export function orphansAmong(stacks: string[], root = GOLDEN): string[] {
    return existsSync(root) ? readdirSync(root).filter((name) => !stacks.includes(name)) : [];
}

/** What a golden rendering says otherwise than the fresh one, as a patch of a readable length; empty when it is fresh. */
export function staleness(stack: string, golden: GoldenFiles, fresh: GoldenFiles): string {
    const stale = namesOf(fresh).filter((name) => golden[name] !== fresh[name]);
    const patches = stale.map((name) => {
        const file = `${GOLDEN}/${stack}/${name}`;
        return createTwoFilesPatch(
            file,
            file,
            golden[name] ?? "",
            fresh[name] ?? "",
            "in the repository",
            "rendered now",
            {
                context: 3,
                headerOptions: FILE_HEADERS_ONLY,
            },
        );
    });
    const lines = patches.join("").split("\n");
    const rest = lines.length - SHOWN_LINES;
    return rest > 0 ? [...lines.slice(0, SHOWN_LINES), `... and ${rest} lines more`].join("\n") : lines.join("\n");
}
