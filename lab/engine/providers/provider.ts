import type { Diff } from "../plan/diff";
import type { Props } from "../values";

/** What is asked of a provider while it works. */
export interface Work {
    urn: string;
    preview: boolean;
    timeoutSeconds?: number;
    ignoreChanges: readonly string[];
    /** The run is being ended: stop waiting. */
    signal: AbortSignal;
    /** Says what is being waited for; shown in place of the last such line. */
    report(text: string): void;
    /** A former run began to make this very object and was cut off: it may be there already. */
    begunBefore?: boolean;
}

export interface Old {
    id: string;
    inputs: Props;
    outputs: Props;
}

export interface Made {
    /** Empty in a preview. */
    id: string;
    outputs: Props;
}

/** Makes, changes and removes resources of some types. Values may be secret or, in a preview, unknown. */
export interface Provider {
    /** The inputs as they will be used: names and defaults filled in. Errors: an input that cannot be. */
    check(urn: string, old: Props | undefined, wanted: Props): Promise<Props>;
    diff(old: Old, wanted: Props): Promise<Diff>;
    create(wanted: Props, work: Work): Promise<Made>;
    update(old: Old, wanted: Props, work: Work): Promise<Props>;
    delete(old: Old, work: Work): Promise<void>;
    close?(): Promise<void>;
}

/** The object exists, but is not (or not known to be) as it should: the next run goes on from there. */
export class Unfinished extends Error {
    constructor(
        message: string,
        readonly made: Made,
    ) {
        super(message);
        this.name = "Unfinished";
    }
}
