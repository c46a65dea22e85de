import { isStatus, type KubeObject } from "../../kube";
import type { StandInContext } from "./types";

const RETRY_MS = 500;

/**
 * Calls `work` for a key, never twice at once for the same one, and once more when it was asked for while under way.
 * What fails is logged and tried again; objects that are gone, or were changed by somebody else, are no failure.
 */
export class Reconciler {
    private readonly busy = new Set<string>();
    private readonly again = new Set<string>();

    constructor(
        private readonly context: StandInContext,
        private readonly work: (key: string) => Promise<void>,
    ) {}

    request(key: string): void {
        if (this.busy.has(key)) {
            this.again.add(key);
            return;
        }
        this.busy.add(key);
        void this.run(key);
    }

    private async run(key: string): Promise<void> {
        try {
            do {
                this.again.delete(key);
                await this.attempt(key);
            } while (this.again.has(key) && !this.context.signal.aborted);
        } finally {
            this.busy.delete(key);
        }
    }

    private async attempt(key: string): Promise<void> {
        try {
            await this.work(key);
        } catch (error) {
            if (this.context.signal.aborted || (error as Error).name === "AbortError") {
                return;
            }
            if (!isStatus(error, 409) && !isStatus(error, 404)) {
                this.context.log(`${key}: ${(error as Error).message}`);
            }
            setTimeout(() => !this.context.signal.aborted && this.request(key), RETRY_MS);
        }
    }
}

export function keyOf(object: KubeObject): string {
    return `${object.metadata.namespace}/${object.metadata.name}`;
}
