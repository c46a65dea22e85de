import type { Lab } from "../lab";
import { Kube } from "../kube";
import type { MeshConfig } from "../config/schema";
import type { Check } from "../verify/check";
import { linesOf, summaryOf } from "../verify/report/lines";
import { verify } from "../verify/verify";
import { labWays } from "./lab-ways";

/** Proxies of a lab that is busy learn of a change within a second or so. */
const PATIENCE_MS = 10_000;

export interface Asked {
    lab: Lab;
    config: MeshConfig;
    /** The stack's outputs. */
    outputs: Record<string, unknown>;
    /** Every check a line; otherwise only the requests', and what does not hold. */
    all: boolean;
    signal: AbortSignal;
}

/** Verifies the environment in the lab and prints what came of it. True when all of it holds. */
export async function showAnswers({ lab, config, outputs, all, signal }: Asked): Promise<boolean> {
    const kube = Kube.load({ kubeconfig: lab.kubeconfig });
    const checks = await verify({
        kube,
        config,
        outputs,
        ways: { ...labWays(lab, outputs), patienceMs: PATIENCE_MS, signal },
    });
    const requests = checks.filter((c) => c.group === "requests" && c.result === "passed");
    const others = checks.filter((c) => !requests.includes(c) && (all || c.result === "failed"));
    const lines = [...others.flatMap(linesOf), ...answerLines(requests)];
    console.log([...lines, ...(all ? ["", `verified: ${summaryOf(checks)}`] : []), ""].join("\n"));
    return checks.every((c) => c.result !== "failed");
}

/** "✓ sample: POST http://... → 201 {"user_id":1}, server: istio-envoy   (why)", below each other. */
export function answerLines(checks: Check[]): string[] {
    const width = Math.max(0, ...checks.map((c) => c.subject.length));
    return checks.map(({ subject, seen, because }) => `✓ ${subject.padEnd(width)}  → ${seen}   (${because})`);
}
