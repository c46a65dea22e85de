/** The generations of Service Mesh that a configuration may ask for: those that there are dialects for. */
import { dialects, type GenerationName } from "../dialects";

export type { GenerationName };

/** Oldest first: an object has keys that are whole numbers before all others. */
export const GENERATION_NAMES = Object.keys(dialects).sort((a, b) => Number(a) - Number(b)) as [
    GenerationName,
    ...GenerationName[],
];
