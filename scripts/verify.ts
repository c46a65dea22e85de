import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type Lab, running } from "../lab";
import { engineHome, openEngine } from "../lab/engine/driver";
import { command, type Flags, main } from "../verify/cli";
import { readOutputs } from "../verify/outputs";
import { labWays } from "./lab-ways";

const CHECKOUT = dirname(__dirname);

/**
 * `npm run verify`: verify/ as it is; where a lab is running and no other cluster is named, with what has to be known
 * of the lab: its cluster, the stack's outputs as the lab's engine has them, and how its services are reached.
 */
async function run(args: string[]): Promise<void> {
    const flags = command().parse(args, { from: "user" }).opts<Flags>();
    const lab = running();
    const named = flags.kubeconfig ?? process.env.KUBECONFIG;
    if (!lab || (named !== undefined && resolve(named) !== lab.kubeconfig)) {
        return main(args);
    }
    const folder = mkdtempSync(join(tmpdir(), "verify-"));
    try {
        // The lab runs no containers, so no pod can ask; clients without sidecar ask from here.
        const own = args.filter((arg) => arg !== "--probe-pod");
        await main([...own, ...(await labArguments(lab, flags, join(folder, "outputs.json")))]);
    } finally {
        rmSync(folder, { recursive: true });
    }
}

async function labArguments(lab: Lab, flags: Flags, file: string): Promise<string[]> {
    const engine = await openEngine({
        programDir: CHECKOUT,
        stack: flags.stack,
        configFile: flags.configFile ?? join(CHECKOUT, `Pulumi.${flags.stack}.yaml`),
        home: engineHome(lab),
        kubeconfig: lab.kubeconfig,
    });
    // Of whoever has brought the environment up: the lab's own engine, or a Pulumi that was pointed at the lab.
    const own = flags.outputs === undefined ? await engine.outputs().catch(() => ({})) : {};
    const asked = { stack: flags.stack, file: flags.outputs, cwd: CHECKOUT };
    const outputs = Object.keys(own).length > 0 ? own : await readOutputs(asked);
    writeFileSync(file, JSON.stringify(outputs), { mode: 0o600 });
    const { via, viaTls, plainClient = {}, none } = labWays(lab, outputs);
    if (none !== undefined) {
        console.error(none);
    }
    return [
        ...["--kubeconfig", lab.kubeconfig],
        ...(flags.outputs === undefined ? ["--outputs", file] : []),
        ...(none === undefined ? [] : ["--no-requests"]),
        ...(via === undefined || flags.via !== undefined ? [] : ["--via", via.href]),
        ...(viaTls === undefined || flags.viaTls !== undefined ? [] : ["--via-tls", viaTls.href]),
        ...Object.entries(plainClient).flatMap(([service, address]) => ["--plain-client", `${service}=${address}`]),
    ];
}

run(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 2;
});
