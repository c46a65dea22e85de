import * as pulumi from "@pulumi/pulumi";

/**
 * An error that ends a run with one message and no stack. Pulumi shows none for a RunError, but formats it all the same
 * (pulumi/pulumi, sdk/nodejs/cmd/run/run.ts), which takes seconds where a loader has mapped it to sources: so it has none.
 * Its message stays as it is: the SDK would write in front of it through which properties of which resources the error
 * went (sdk/nodejs/runtime/rpc.ts, serializeFilteredProperties), which tells nothing to who reads it.
 */
export function runError(message: string): pulumi.RunError {
    const error = new pulumi.RunError(message);
    error.stack = message;
    return Object.defineProperty(error, "message", { get: () => message, set: () => undefined });
}
