import type { Outputs } from "./contract";
/** The names of the contract. */
export declare const OUTPUT_NAMES: readonly (keyof Outputs)[];
/** Why nothing can be read of a stack that has these outputs; undefined: it is one of the mesh's, as far as can be told. */
export declare function strangeness(stack: string, outputs: Record<string, unknown>): string | undefined;
/** Why one output cannot be read; undefined: it is there, and what the contract says. */
export declare function fault(stack: string, outputs: Record<string, unknown>, name: keyof Outputs): string | undefined;
/** Why there is nothing of that name in an output. */
export declare function absence(stack: string, output: keyof Outputs, wanted: string, names: readonly string[]): string;
/** Why a stack cannot be asked for by this name; undefined: it can. */
export declare function misnamed(name: string): string | undefined;
