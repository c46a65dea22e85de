/** An answer of the API server with a status of 400 or more, in its own words. */
export class KubeError extends Error {
    constructor(
        readonly status: number,
        readonly reason: string,
        message: string,
        readonly body?: any,
    ) {
        super(message);
        this.name = "KubeError";
    }
}

/** The API server does not serve this kind (its CRD is not there, or not yet established). */
export class KindMissing extends KubeError {
    constructor(apiVersion: string, kind: string) {
        super(404, "NotFound", `no matches for kind "${kind}" in version "${apiVersion}"`);
        this.name = "KindMissing";
    }
}

/** The API server could not be reached, or the connection broke before it answered. */
export class Unreachable extends Error {
    constructor(
        readonly server: string,
        readonly code: string,
        cause: Error,
    ) {
        super(`${server} cannot be reached: ${cause.message || code}`, { cause });
        this.name = "Unreachable";
    }
}

export function isStatus(error: unknown, status: number): boolean {
    return error instanceof KubeError && error.status === status;
}
