import type { Provider } from "./providers/provider";
import type { StateFile } from "./state";
import type { ProgressEvent } from "./types";
import type { Props } from "./values";

export interface DeploymentOptions {
    project: string;
    stack: string;
    preview: boolean;
    state: StateFile;
    /** The provider of a type. Errors: none has it. */
    providerOf(type: string): Provider;
    /** What a StackReference tells of a stack. Errors: there is none of that name. */
    readStack(name: string): Props;
    emit(event: ProgressEvent): void;
    /** A step has failed: nothing new will begin. */
    onFailure(): void;
    signal: AbortSignal;
}

export interface Registered {
    urn: string;
    id: string;
    outputs: Props;
}

/** The run has stopped; registrations are not taken any more. */
export class Stopped extends Error {
    constructor() {
        super("the run has stopped");
    }
}
