/** What several runs of the same took, in ms. */
export interface Sample {
    min: number;
    median: number;
    max: number;
}

/**
 * Runs two things by turns, so that a machine which is busy for a while is busy for both, and returns how long each
 * took. Machines are shared: only the ratio of the two means anything.
 */
export async function sideBySide(
    rounds: number,
    one: () => Promise<unknown>,
    other: () => Promise<unknown>,
): Promise<[Sample, Sample]> {
    const times: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
        times[0].push(await timed(one));
        times[1].push(await timed(other));
    }
    return [sample(times[0]), sample(times[1])];
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
    const begun = performance.now();
    await work();
    return performance.now() - begun;
}

function sample(times: number[]): Sample {
    const sorted = [...times].sort((a, b) => a - b);
    return { min: sorted[0], median: sorted[Math.floor(sorted.length / 2)], max: sorted.at(-1) as number };
}
