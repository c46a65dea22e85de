import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";

const CHECKOUT = dirname(__dirname);
const SERVICES = 100;
const NAMESPACES = 10;
/** As in package.json. */
const ROOM = ["--min-semi-space-size=128", "--max-semi-space-size=128"];

export interface Processes {
    /** Starts node, loads the whole program, and ends. */
    start(): Promise<void>;
    /** `npm run render` of an environment of a hundred services, each with a host, properties and a rule. */
    render(): Promise<void>;
    end(): void;
}

/** The two as processes of their own, as a person runs them, in a folder with that environment's stack file. */
export function processes(): Processes {
    const folder = mkdtempSync(join(tmpdir(), "mesh-bench-"));
    symlinkSync(join(CHECKOUT, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "Pulumi.many.yaml"), stringify({ config: manyServices() }));
    const node = async (...args: string[]): Promise<void> => {
        await promisify(execFile)(process.execPath, ["--import", "tsx", ...args], { cwd: folder });
    };
    return {
        start: () => node("--eval", `require(${JSON.stringify(join(CHECKOUT, "index.ts"))})`),
        render: () => node(...ROOM, join(CHECKOUT, "render/cli.ts"), "--stack", "many", "--out", folder),
        end: () => rmSync(folder, { recursive: true, force: true }),
    };
}

function manyServices(): object {
    const namespaces: Record<string, { services: Record<string, object> }> = {};
    for (let i = 0; i < SERVICES; i++) {
        (namespaces[`team-${i % NAMESPACES}`] ??= { services: {} }).services[`service-${i}`] = {
            image: "registry.example.com/x:1",
            host: `service-${i}.apps.example.com`,
            properties: { a: "b" },
            allow: [{ services: ["team-0/service-0"] }],
        };
    }
    return { "mesh:generation": "3", "mesh:appsDomain": "apps.example.com", "mesh:namespaces": namespaces };
}
