import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openEngine } from "../lab/engine/driver";

const CHECKOUT = dirname(__dirname);
const PARTS = [
    ..."cluster components config dialects index.ts kube node_modules package.json specs stacks tsconfig.json".split(
        " ",
    ),
];

/** Nobody listens there: the program starts, reads its config, and ends when it looks at the cluster. */
const NOWHERE = `apiVersion: v1
kind: Config
clusters: [{ name: none, cluster: { server: "https://127.0.0.1:1" } }]
users: [{ name: none, user: {} }]
contexts: [{ name: none, context: { cluster: none, user: none } }]
current-context: none
`;

export interface Prepared {
    /** Runs the program from its start to the point where it needs a cluster. */
    run(): Promise<void>;
    end(): void;
}

/**
 * A copy of the project whose program is loaded in another way, each time as on a machine that has never run it: what
 * loaders remember, they keep in the folder for temporary files. @param runtime options of Pulumi.yaml's runtime
 */
export async function preparedProgram(runtime: object): Promise<Prepared> {
    const dir = mkdtempSync(join(tmpdir(), "mesh-bench-"));
    for (const part of PARTS) {
        symlinkSync(join(CHECKOUT, part), join(dir, part));
    }
    const project = { name: "mesh", main: "index.ts", runtime: { name: "nodejs", options: runtime } };
    writeFileSync(join(dir, "Pulumi.yaml"), JSON.stringify(project));
    writeFileSync(join(dir, "kubeconfig"), NOWHERE);
    const memory = join(dir, "tmp");
    const engine = await openEngine({
        env: { ...process.env, TMPDIR: memory },
        programDir: dir,
        stack: "dev",
        configFile: join(CHECKOUT, "Pulumi.dev.yaml"),
        home: join(dir, "home"),
        kubeconfig: join(dir, "kubeconfig"),
        kind: "stand-in",
    });
    return {
        run: async () => {
            rmSync(memory, { recursive: true, force: true });
            mkdirSync(memory);
            const { error } = await engine.preview();
            if (!error?.includes("cannot be reached")) {
                throw new Error(`the program ended otherwise than expected: ${error}`);
            }
        },
        end: () => rmSync(dir, { recursive: true, force: true }),
    };
}
