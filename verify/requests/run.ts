import { setTimeout as sleep } from "node:timers/promises";
import type { Kube } from "../../kube";
import { type Check, judged, skipped } from "../check";
import { expectedInWords, isAsExpected, type Outcome, seenInWords } from "./outcome";
import { hostInside, type PlannedRequest } from "./plan";
import { probeFromPod } from "./probe-pod";
import { send, type Target } from "./send";

/** How the services are reached from here. */
export interface Ways {
    /** Where the router listens, for hosts that no DNS knows. Default: each host's own address. */
    via?: URL;
    /** The same for TLS. */
    viaTls?: URL;
    /** By "namespace/name": an address where a client without sidecar reaches the Service. */
    plainClient?: Record<string, string>;
    /** A pod without sidecar asks instead, with this image. */
    probePod?: { image: string };
    /** For how many milliseconds an unexpected answer is asked for again: proxies learn of a change a moment later. */
    patienceMs: number;
    signal: AbortSignal;
    /** Why nothing is asked at all. */
    none?: string;
}

const AGAIN_MS = 300;

/** Sends what is planned, and says of each what came of it, as it comes. */
export async function runRequests(
    kube: Kube,
    planned: PlannedRequest[],
    ways: Ways,
    say: (check: Check) => void,
): Promise<void> {
    if (ways.none !== undefined) {
        const why = ways.none;
        return planned.forEach((p) => say(skipped(aboutOf(p), why)));
    }
    const ours = planned.filter((p) => !(p.from === "plain" && ways.probePod));
    for (const request of ours) {
        say(await ask(request, ways));
    }
    const byPod = planned.filter((p) => p.from === "plain" && ways.probePod);
    const namespaces = [...new Set(byPod.map((p) => p.service.namespace))];
    for (const namespace of namespaces) {
        const here = byPod.filter((p) => p.service.namespace === namespace);
        (await askByPod(kube, namespace, here, ways)).forEach(say);
    }
}

async function ask(planned: PlannedRequest, ways: Ways): Promise<Check> {
    const about = aboutOf(planned);
    const target = targetOf(planned, ways);
    if (planned.expectation.is === "unknown") {
        return skipped(about, planned.because);
    }
    if (!target) {
        return skipped(about, NO_WAY[planned.from]);
    }
    const begun = performance.now();
    const { check } = planned.service;
    let outcome: Outcome;
    do {
        outcome = await send(target, check, ways.signal);
        if (ways.signal.aborted || isAsExpected(planned.expectation, planned.from, outcome)) {
            break;
        }
        await sleep(AGAIN_MS, undefined, { signal: ways.signal }).catch(() => undefined);
    } while (performance.now() - begun < ways.patienceMs);
    return resultOf(planned, outcome, (performance.now() - begun) / 1000);
}

const NO_WAY = {
    plain: "from here every client is outside of the cluster; --probe-pod asks from a pod in it",
    gateway: "where the router listens for this is not known: --via is for plain HTTP, --via-tls for TLS",
};

function resultOf(planned: PlannedRequest, outcome: Outcome, seconds: number): Check {
    const passed = isAsExpected(planned.expectation, planned.from, outcome);
    return { ...judged(aboutOf(planned), passed, seenInWords(outcome, planned.from)), seconds };
}

async function askByPod(kube: Kube, namespace: string, planned: PlannedRequest[], ways: Ways): Promise<Check[]> {
    const known = planned.filter((p) => p.expectation.is !== "unknown");
    const others = planned.filter((p) => p.expectation.is === "unknown").map((p) => skipped(aboutOf(p), p.because));
    if (known.length === 0 || !ways.probePod) {
        return others;
    }
    const begun = performance.now();
    const services = known.map((p) => p.service);
    let outcomes: Outcome[];
    try {
        outcomes = await probeFromPod(kube, namespace, services, { ...ways.probePod, signal: ways.signal });
    } catch (error) {
        const said = `the probe pod in ${namespace}: ${(error as Error).message}`;
        outcomes = known.map(() => ({ is: "failure", said }));
    }
    const seconds = (performance.now() - begun) / 1000;
    return [...known.map((p, i) => resultOf(p, outcomes[i], seconds)), ...others];
}

function aboutOf(planned: PlannedRequest) {
    const { service, from, expectation, because } = planned;
    const { method, path } = service.check;
    const whom = from === "gateway" ? service.name : `no sidecar → ${service.name}`;
    return {
        group: "requests" as const,
        subject: `${whom}: ${method} ${addressOf(planned)}${path}`,
        expected: expectedInWords(expectation, from),
        because,
    };
}

function addressOf({ service, from, scheme }: PlannedRequest): string {
    return `${scheme}://${from === "gateway" ? service.host : hostInside(service)}`;
}

/** Undefined where there is no way. */
function targetOf({ service, from, scheme }: PlannedRequest, { via, viaTls, plainClient }: Ways): Target | undefined {
    if (from === "gateway") {
        const host = service.host as string;
        const given = scheme === "https" ? viaTls : via;
        // Who names one of the router's ports says that hosts have no addresses of their own.
        const base = given ?? (via === undefined && viaTls === undefined ? new URL(`${scheme}://${host}`) : undefined);
        return base && { base, host };
    }
    const address = plainClient?.[`${service.namespace}/${service.name}`];
    return address === undefined ? undefined : { base: new URL(`http://${address}`), host: hostInside(service) };
}
