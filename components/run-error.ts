import * as pulumi from "@pulumi/pulumi";

/**
 * An error that ends a run with one message and no stack. Pulumi shows none for a RunError, but formats it all the same
 * (pulumi/pulumi, sdk/nodejs/cmd/run/run.ts), which takes seconds where a loader has mapped it to sources: so it has none.
 */
export function runError(message: string): pulumi.RunError {
    const error = new pulumi.RunError(message);
    error.stack = message;
    return error;
}
