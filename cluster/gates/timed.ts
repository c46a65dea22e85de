/** How long a gate is patient. */
export interface Timed {
    timeoutSeconds: number;
}
