import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { KubeObject } from "../../../kube";
import { GATEWAY_NAME } from "../../../lab/gateway-api/names";
import { translated, workload } from "./objects";

const FOLDER = join(__dirname, "../../fixtures/traces/gateway-api");

/** A virtual host as istiod told it to the proxies of a Gateway. */
interface Told {
    gateway: string;
    listener: string;
    domains: string[];
    routes: object[];
}

function lines<T>(file: string): T[] {
    const text = readFileSync(join(FOLDER, `${file}.jsonl`), "utf8").trim();
    return text.split("\n").map((line) => JSON.parse(line));
}

const objects = [...lines<KubeObject>("objects"), ...lines<KubeObject>("more-routes")];
const kind = (name: string): KubeObject[] => objects.filter((object) => object.kind === name);

/** Hosts whose backend is of no kind that the lab has: it answers 404 there, not 500, and says why. */
const NOT_MODELLED = ["c.apps.example.com"];

describe("translator: the Gateway API as recorded from istiod 1.27.9", () => {
    const namespaceLabels = Object.fromEntries(
        kind("Namespace").map(({ metadata: { name, labels } }) => [name, labels ?? {}]),
    );
    const discovered = Object.keys(namespaceLabels).filter((name) => "istio-discovery" in namespaceLabels[name]);

    for (const gateway of ["main", "two"]) {
        it(`routes of Gateway ${gateway}`, () => {
            const own = { labels: { [GATEWAY_NAME]: gateway }, sidecar: false, gateway: true, ports: [] };
            const self = workload("gw", `${gateway}-istio`, own);
            const { routes } = translated(
                {
                    controlPlane: { name: "default", namespace: "istio-system", autoMtls: true },
                    namespaces: discovered,
                    services: kind("Service"),
                    network: { policies: [], namespaceLabels },
                    workloads: [self],
                    gatewayApi: { classes: [], gateways: kind("Gateway"), routes: kind("HTTPRoute") },
                },
                self,
            );
            const told = lines<Told>("routes").filter((each) => each.gateway === gateway);
            const then = told.filter(({ domains }) => !NOT_MODELLED.includes(domains[0]));
            assert.deepEqual(Object.keys(routes), [...new Set(then.map(({ listener }) => listener))]);
            const now: any[] = Object.values(routes).flatMap((each: any) => each.virtual_hosts);
            assert.deepEqual(now.map(({ domains }) => domains[0]).sort(), then.map(({ domains }) => domains[0]).sort());
            for (const { domains, routes: recorded } of then) {
                const found = now.find((each) => each.domains[0] === domains[0]);
                assert.deepEqual(plain(found.routes), recorded, domains[0]);
            }
        });
    }
});

/** As JSON, without what is left out of the recording. */
function plain(routes: object[]): object[] {
    return JSON.parse(JSON.stringify(routes), (key, value) => (key === "retry_policy" ? undefined : value));
}
