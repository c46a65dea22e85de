import assert from "node:assert/strict";
import type { Recorded, Recording } from "../../../render/record";

/** The last part of a type token: "Deployment". */
export const kindOf = (r: Recorded): string => r.type.split(":").at(-1) as string;

/** Everything that must be there before a resource, directly or through others. */
export function before(recording: Recording, resource: Recorded): Set<Recorded> {
    const byUrn = new Map(recording.resources.map((r) => [r.urn, r]));
    const found = new Set<Recorded>();
    const visit = (r: Recorded): void => {
        for (const urn of r.dependencies) {
            const next = byUrn.get(urn);
            assert.ok(next, `${r.urn} depends on ${urn}, which nobody registered`);
            if (!found.has(next)) {
                found.add(next);
                visit(next);
            }
        }
    };
    visit(resource);
    return found;
}

export function assertAfter(
    recording: Recording,
    late: (r: Recorded) => boolean,
    early: (r: Recorded) => boolean,
): void {
    const lateOnes = recording.resources.filter(late);
    const earlyOnes = recording.resources.filter(early);
    assert.ok(lateOnes.length > 0 && earlyOnes.length > 0, "the rule is about resources that exist");
    for (const r of lateOnes) {
        const known = before(recording, r);
        for (const e of earlyOnes) {
            assert.ok(known.has(e), `${kindOf(r)} ${r.name} does not wait for ${kindOf(e)} ${e.name}`);
        }
    }
}

export const is = (kind: string, name?: string) => (r: Recorded) =>
    kindOf(r) === kind && (name === undefined || r.name === name);
/** Whether the component that a resource belongs to is of this kind. */
export const parentKind = (kind: string) => (r: Recorded) =>
    r.custom && (r.parent?.split("::")[2] ?? "").endsWith(kind);
