import { access } from "./access";
import type { Case } from "./case";
import { hosts } from "./hosts";
import { mesh } from "./mesh";
import { workloads } from "./workloads";

/** By rule: what it lets pass, what it does not, and what it cannot judge in a preview. */
export const cases: Record<string, Case[]> = { ...mesh, ...access, ...hosts, ...workloads };

export type { Case } from "./case";
