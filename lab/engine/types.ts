/** What every engine, the real Pulumi or the stand-in, offers to `npm start` and to the tests. */

export type Op = "same" | "create" | "update" | "replace" | "delete" | "read";

export type Severity = "debug" | "info" | "warning" | "error";

export type ProgressEvent =
    | { type: "phase"; phase: "preview" | "update" | "destroy" }
    | {
          type: "resource";
          urn: string;
          op: Op;
          phase: "start" | "done" | "failed";
          /** Of a component that is done. */
          outputs?: Record<string, unknown>;
      }
    | { type: "message"; urn?: string; severity: Severity; text: string; ephemeral: boolean }
    | { type: "summary"; changes: Changes; seconds: number };

export type Changes = Partial<Record<Op, number>>;

export interface Step {
    urn: string;
    op: Op;
    /** The property paths that differ, for an update or a replacement. */
    diffKeys?: string[];
}

export interface Message {
    urn?: string;
    severity: Severity;
    text: string;
}

export interface RunOptions {
    onEvent?(event: ProgressEvent): void;
    /** Not ok when anything would change, or did. */
    expectNoChanges?: boolean;
    /** An update without the preview before it, for a change that is known to be good. */
    skipPreview?: boolean;
    /** Laid over the stack's configuration: "mesh:key" or "mesh:key.nested.key" to a string, JSON for objects. */
    config?: Record<string, string>;
    /** Aborting it ends the run in order: what is under way is finished or recorded, nothing new begins. */
    signal?: AbortSignal;
}

export interface RunResult {
    ok: boolean;
    changes: Changes;
    steps: Step[];
    /** Lasting messages (not the ephemeral ones), in the order they came. */
    messages: Message[];
    /** Secrets appear as "[secret]". */
    outputs: Record<string, unknown>;
    seconds: number;
    /** The one message that says why it is not ok. */
    error?: string;
}

export interface StateResource {
    urn: string;
    type: string;
    custom: boolean;
    id?: string;
    parent?: string;
    dependencies: string[];
    protect: boolean;
    deletedWith?: string;
}

export interface Engine {
    kind: "pulumi" | "stand-in";
    version: string;
    /** One line for a person: which engine this is, and why this one. */
    describe: string;
    preview(options?: RunOptions): Promise<RunResult>;
    up(options?: RunOptions): Promise<RunResult>;
    destroy(options?: RunOptions): Promise<RunResult>;
    outputs(): Promise<Record<string, unknown>>;
    state(): Promise<StateResource[]>;
    /** Takes resources over from another stack of the project, as `pulumi state move` does. Nothing is touched but states. */
    takeOver(source: string, urns: readonly string[]): Promise<void>;
}

/** Everything that is neither the same nor read is a change. */
export function changeCount(changes: Changes): number {
    return Object.entries(changes).reduce((sum, [op, n]) => (op === "same" || op === "read" ? sum : sum + n), 0);
}

/** The changes in words: "3 created, 1 updated"; "no change" when there is none. */
export function changesInWords(changes: Changes): string {
    const words: [Op, string][] = [
        ["create", "created"],
        ["update", "updated"],
        ["replace", "replaced"],
        ["delete", "deleted"],
    ];
    const said = words.filter(([op]) => changes[op]).map(([op, word]) => `${changes[op]} ${word}`);
    return said.length === 0 ? "no change" : said.join(", ");
}
