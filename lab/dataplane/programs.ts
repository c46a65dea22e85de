import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT } from "../state";

/** What an image stands for. */
export interface ImageTable {
    /** Beginnings of the names of images that hold the programs of apps/. */
    apps: string[];
    /** Tekton's event sink. */
    listener: string;
}

/** The programs that pods can run, each built into one file: that starts faster and takes less memory. */
export class Programs {
    private constructor(
        private readonly folder: string,
        private readonly apps: string[],
    ) {}

    /** Errors: the builder's words about a program that is wrong. */
    static async build(folder: string): Promise<Programs> {
        // Only here, since a lab without data plane does not need it.
        const { build } = await import("esbuild");
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const source = join(CHECKOUT, "apps");
        const apps = readdirSync(source).filter((name) => existsSync(join(source, name, "main.ts")));
        const common = { bundle: true, platform: "node", target: "node20", sourcemap: "inline" } as const;
        const own = join(__dirname, "programs");
        await build({
            ...common,
            entryPoints: {
                ...Object.fromEntries(apps.map((name) => [name, join(source, name, "main.ts")])),
                "event-listener": join(own, "listener.ts"),
                redirect: join(own, "redirect.ts"),
            },
            format: "cjs",
            outExtension: { ".js": ".cjs" },
            outdir: folder,
        });
        return new Programs(folder, apps);
    }

    /** Loaded before every program. */
    get redirect(): string {
        return join(this.folder, "redirect.cjs");
    }

    /** The file of an image's program; undefined for an image that the lab knows nothing of. */
    of(image: string, table: ImageTable): string | undefined {
        if (image === table.listener) {
            return join(this.folder, "event-listener.cjs");
        }
        const prefix = table.apps.find((each) => image.startsWith(each));
        const name = prefix === undefined ? undefined : image.slice(prefix.length).split(/[:@]/)[0];
        return name !== undefined && this.apps.includes(name) ? join(this.folder, `${name}.cjs`) : undefined;
    }
}
