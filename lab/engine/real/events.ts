import { partsOf, STACK_TYPE } from "../plan/urn";
import type { Changes, Op, ProgressEvent, Severity, Step } from "../types";
import { type Props, shown } from "../values";

/** One line of Pulumi's --event-log, as far as it is read here (pulumi sdk/go/common/apitype/events.go). */
export interface LoggedEvent {
    diagnosticEvent?: { urn?: string; message: string; severity: string; ephemeral?: boolean };
    resourcePreEvent?: { metadata: StepMetadata };
    resOutputsEvent?: { metadata: StepMetadata };
    resOpFailedEvent?: { metadata: StepMetadata };
    summaryEvent?: { durationSeconds: number; resourceChanges?: Record<string, number> };
}

interface StepMetadata {
    op: string;
    urn: string;
    type: string;
    new?: { custom?: boolean; outputs?: Props } | null;
    diffs?: string[] | null;
    detailedDiff?: Record<string, unknown> | null;
}

const OPS: readonly string[] = ["same", "create", "update", "replace", "delete", "read"] satisfies Op[];
const SEVERITIES: Record<string, Severity> = { info: "info", "info#err": "info", warning: "warning", error: "error" };

/** How Pulumi ends after an error that it has reported already. */
const ENDINGS = /^(update|preview|destroy) (failed|canceled)$/;
/** Where a plugin was found is of no interest to who looks at the cluster. */
const NOISE = /^using pulumi-\S+ from \$PATH/;

/** What an event means to us; undefined for those that mean nothing. Default providers are nobody's resources. */
export function progressOf(event: LoggedEvent): ProgressEvent | undefined {
    if (event.diagnosticEvent) {
        const { urn, message, severity, ephemeral } = event.diagnosticEvent;
        const text = message.trim();
        const known = SEVERITIES[severity];
        if (text === "" || known === undefined || NOISE.test(text)) {
            return undefined;
        }
        return { type: "message", urn: urn || undefined, severity: known, text, ephemeral: ephemeral ?? false };
    }
    if (event.summaryEvent) {
        const { durationSeconds, resourceChanges } = event.summaryEvent;
        return { type: "summary", changes: changesOf(resourceChanges ?? {}), seconds: durationSeconds };
    }
    const of = [
        ["start", event.resourcePreEvent],
        ["done", event.resOutputsEvent],
        ["failed", event.resOpFailedEvent],
    ] as const;
    for (const [phase, said] of of) {
        const op = said && opOf(said.metadata);
        if (op) {
            const { urn, new: state } = said.metadata;
            const outputs = phase === "done" && state?.custom !== true ? state?.outputs : undefined;
            return { type: "resource", urn, op, phase, ...(outputs ? { outputs: shown(outputs) as Props } : {}) };
        }
    }
    return undefined;
}

/** The step that an event begins, if it begins one. */
export function stepOf(event: LoggedEvent): Step | undefined {
    const metadata = event.resourcePreEvent?.metadata;
    const op = metadata && opOf(metadata);
    if (!op) {
        return undefined;
    }
    const keys = Object.keys(metadata.detailedDiff ?? {});
    const diffKeys = keys.length > 0 ? keys : (metadata.diffs ?? []);
    return { urn: metadata.urn, op, ...(diffKeys.length > 0 ? { diffKeys } : {}) };
}

/** The stack's outputs, once they are known in a preview; secrets come as "[secret]". */
export function outputsOf(event: LoggedEvent): Record<string, unknown> | undefined {
    const metadata = event.resOutputsEvent?.metadata;
    if (metadata?.type !== STACK_TYPE) {
        return undefined;
    }
    return shown(metadata.new?.outputs ?? {}) as Record<string, unknown>;
}

/** The message that says why a run failed, from what was said in it. */
export function reasonIn(errors: readonly string[], stderr: readonly string[]): string {
    const told = errors.find((text) => !ENDINGS.test(text));
    if (told !== undefined) {
        return told;
    }
    const lines = stderr.map((line) => line.replace(/^error: /, "")).filter((line) => line.trim() !== "");
    return lines.length > 0 ? lines.join("\n") : "Pulumi failed and said nothing";
}

function opOf(metadata: StepMetadata): Op | undefined {
    const isProvider = partsOf(metadata.urn).type.startsWith("pulumi:providers:");
    return !isProvider && OPS.includes(metadata.op) ? (metadata.op as Op) : undefined;
}

function changesOf(counts: Record<string, number>): Changes {
    return Object.fromEntries(Object.entries(counts).filter(([op]) => OPS.includes(op)));
}
