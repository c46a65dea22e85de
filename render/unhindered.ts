import closures = require("@pulumi/pulumi/runtime/closure/serializeClosure");

/** Enough to see where an error comes from. */
const FRAMES = 4;

/**
 * Does work without what the SDK does for a run, and a rendering has no use for, which is half the time of a large one: a
 * stack trace for every property of every resource, should its promise never resolve (pulumi/pulumi,
 * sdk/nodejs/runtime/debuggable.ts), each place in it looked up in its source; and the code of dynamic providers as text,
 * which takes a debugger's session (runtime/closure). An error that says something keeps its trace.
 */
export async function unhindered<T>(work: () => Promise<T>): Promise<T> {
    const { stackTraceLimit, prepareStackTrace } = Error;
    const { sourceMapsEnabled } = process as { sourceMapsEnabled?: boolean };
    const { serializeFunction } = closures;
    Error.stackTraceLimit = FRAMES;
    Error.prepareStackTrace = (error, trace) =>
        error.message === "" ? "" : [String(error), ...trace.map((frame) => `    at ${String(frame)}`)].join("\n");
    process.setSourceMapsEnabled(false);
    closures.serializeFunction = async () => ({ text: "", exportName: "", containsSecrets: false });
    try {
        return await work();
    } finally {
        Error.stackTraceLimit = stackTraceLimit;
        Error.prepareStackTrace = prepareStackTrace;
        process.setSourceMapsEnabled(sourceMapsEnabled ?? true);
        closures.serializeFunction = serializeFunction;
    }
}
