import { randomBytes } from "node:crypto";
import type { Kube, KubeObject } from "../../../../kube";

/** Records Events on objects as the operator does: the same words again count up instead of making another. */
export class EventRecorder {
    private readonly known = new Map<string, { name: string; count: number }>();

    constructor(
        private readonly kube: Kube,
        private readonly component: string,
        private readonly log: (line: string) => void,
    ) {}

    /** Never fails: an Event that cannot be written is only logged. */
    async record(object: KubeObject, type: "Normal" | "Warning", reason: string, message: string): Promise<void> {
        const { namespace = "", name, uid } = object.metadata;
        const key = [uid, type, reason, message].join("|");
        const known = this.known.get(key);
        const now = new Date().toISOString().replace(/\.\d+Z$/, "Z");
        try {
            if (known) {
                known.count += 1;
                const ref = { apiVersion: "v1", kind: "Event", namespace, name: known.name };
                await this.kube.mergePatch(ref, { count: known.count, lastTimestamp: now });
                return;
            }
            const event = `${name}.${randomBytes(8).toString("hex")}`;
            this.known.set(key, { name: event, count: 1 });
            await this.kube.create({
                apiVersion: "v1",
                kind: "Event",
                metadata: { name: event, namespace },
                involvedObject: { apiVersion: object.apiVersion, kind: object.kind, name, namespace, uid },
                type,
                reason,
                message,
                source: { component: this.component },
                count: 1,
                firstTimestamp: now,
                lastTimestamp: now,
            });
        } catch (error) {
            this.log(`event ${reason} of ${namespace}/${name}: ${error instanceof Error ? error.message : error}`);
        }
    }
}
