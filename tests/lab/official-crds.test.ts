import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parse } from "yaml";
import { loadConfig } from "../../config/load";
import { readStackFile } from "../../config/stack-file";
import type { Kube, KubeObject } from "../../kube";
import { baseCrds, gatewayApiCrds, opentelemetryCrds, sailCrds, tempoCrds } from "../../lab/crds";
import { renderConfig } from "../../render/render";
import { skip } from "../skip";
import { asked, wishes } from "../unit/dialects/wishes";
import { withLab } from "./with-lab";

/** The official CRDs, which are not ours to ship, stand beside the project where it is developed. */
const OFFICIAL = join(__dirname, "../../../shared/crds");

/** The official kinds are installed under groups of their own, so that the lab's stay as they are. */
const inOwnGroup = (apiVersion: string): string => `official.${apiVersion}`;

/** Kinds whose official CRDs are not there: the lab's own description of them has to do. */
const UNOFFICIAL = ["IstioRevisionTag", "TempoMonolithic", "TempoStack", "OpenTelemetryCollector"];
const MONITORING = ["ServiceMonitor", "PodMonitor"];

const dev = readStackFile("Pulumi.dev.yaml");
const everything = {
    ...dev,
    "mesh:operators": JSON.stringify({
        servicemesh: {
            channel: "stable",
            startingCSV: "servicemeshoperator.v1.1.6",
            approval: "Manual",
            resources: { requests: { cpu: "10m" }, limits: { memory: "1Gi" } },
        },
    }),
    "mesh:controlPlane": JSON.stringify({
        mtls: "permissive",
        tracing: { storage: "elasticsearch", sampling: 0.5 },
        consoles: [],
        routes: "none",
    }),
    "mesh:membership": "member",
    "mesh:secrets": JSON.stringify({ token: "x" }),
    "mesh:namespaces": JSON.stringify({
        shop: {
            services: {
                cart: {
                    image: "registry.example.com/cart:1",
                    host: "cart",
                    env: { A: "b", TOKEN: { secret: "token" }, KEY: { generate: 16 } },
                    properties: { "a.b": "c" },
                    probes: { liveness: "/live", readiness: "/ready" },
                    requests: { cpu: "10m" },
                    limits: { memory: "64Mi" },
                    allow: [
                        { services: ["pay"], methods: ["GET"], paths: ["/a/*"] },
                        { namespaces: ["shop"] },
                        { principals: ["cluster.local/ns/x/sa/y"] },
                    ],
                },
                pay: { image: "registry.example.com/pay:1", allow: [] },
            },
        },
    }),
};

const NAMESPACES = JSON.parse(everything["mesh:namespaces"]);
const { cart } = NAMESPACES.shop.services;
const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const later = {
    "mesh:secrets": everything["mesh:secrets"],
    "mesh:namespaces": JSON.stringify({
        shop: {
            services: {
                ...NAMESPACES.shop.services,
                cart: {
                    ...cart,
                    deny: [
                        { gateway: true, paths: ["/internal/*"] },
                        { services: ["pay"], methods: ["DELETE"] },
                    ],
                    tls: { mode: "reencrypt", credential: "cart-tls", destinationCA: CERTIFICATE },
                },
                desk: {
                    image: "registry.example.com/desk:1",
                    host: "desk",
                    tls: { mode: "passthrough", credential: "desk-tls", insecure: "none" },
                },
                shelf: { image: "registry.example.com/shelf:1", host: "shelf", tls: { mode: "edge" } },
            },
        },
    }),
};
const ingress = {
    autoscale: true,
    replicas: { min: 2, max: 3 },
    requests: { cpu: "10m" },
    limits: { memory: "1Gi" },
};
const of26 = {
    ...later,
    "mesh:generation": "2.6",
    "mesh:membership": "selectors",
    "mesh:controlPlane": JSON.stringify({
        version: "v2.5",
        mtls: "strict",
        tracing: { backend: "tempo", storage: "object", secret: "traces", sampling: 0.5 },
        consoles: ["kiali", "grafana", "jaeger", "prometheus"],
        proxy: { requests: { cpu: "10m" } },
        gateways: { ingress, egress: { autoscale: true } },
        pilot: { autoscale: true },
    }),
};
const of3 = {
    ...later,
    "mesh:generation": "3",
    "mesh:controlPlane": JSON.stringify({
        version: "v1.27.9",
        updateStrategy: { type: "RevisionBased", gracePeriodSeconds: 60 },
        mtls: "strict",
        tracing: { storage: "object", secret: "traces", sampling: 0.5 },
        proxy: { requests: { cpu: "10m" } },
        gateways: { ingress: { ...ingress, namespace: "way-in", minAvailable: 1 } },
        pilot: { autoscale: true },
    }),
};
/** With TLS that ends at the gateway in both ways, and everything of the gateway's size. */
const ofGatewayApi = {
    ...of3,
    "mesh:controlPlane": JSON.stringify({
        version: "v1.27.9",
        updateStrategy: { type: "RevisionBased" },
        gateways: {
            ingress: { ...ingress, api: "gateway-api", autoscale: false, replicas: { min: 2 }, minAvailable: 1 },
        },
    }),
};
const next = {
    ...later,
    "mesh:generation": "2.6",
    "mesh:next": JSON.stringify({
        generation: "3",
        controlPlane: { name: "v3", consoles: ["kiali"], tracing: { backend: "tempo" } },
        namespaces: [],
    }),
};

const cases = {
    "the dev environment": dev,
    "the staging environment": readStackFile("Pulumi.staging.yaml"),
    "the prod environment": readStackFile("Pulumi.prod.yaml"),
    "every setting of 1.1 at once": everything,
    "every setting of 2.6 at once": of26,
    "Jaeger with Elasticsearch on 2.6": {
        ...of26,
        "mesh:namespaces": everything["mesh:namespaces"],
        "mesh:controlPlane": JSON.stringify({ tracing: { storage: "elasticsearch" }, routes: "gateways" }),
        "mesh:membership": "member",
    },
    "every setting of 3 at once": of3,
    "the gateway of 3 by the Gateway API": ofGatewayApi,
    "moving from 2.6 to 3": next,
};

/** The same at every run: what is refused can be looked at again. */
function generated(generation: string): Record<string, Record<string, string>> {
    const all = fc.sample(wishes(generation !== "1.1"), { numRuns: 6, seed: 5 });
    return Object.fromEntries(
        all.map((wish, i) => [`config ${i + 1} of generation ${generation}`, asked(wish, generation)]),
    );
}

describe("what is rendered, on a real API server with strict field validation", () => {
    const lab = withLab();
    const official = new Set<string>();

    before(async function () {
        if (!existsSync(OFFICIAL)) {
            skip(this, "the official CRDs are not beside this checkout");
        }
        this.timeout(120_000);
        const { kube } = lab();
        const others = [
            ...(await sailCrds("servicemeshoperator3.v3.2.9")),
            ...(await tempoCrds()),
            ...(await opentelemetryCrds()),
            ...(await baseCrds()),
        ].filter(({ spec }) => [...UNOFFICIAL, ...MONITORING].includes(spec.names.kind));
        // The project's own.
        others.push(...(await gatewayApiCrds()));
        for (const crd of others) {
            known(crd);
        }
        await Promise.all(others.map((crd) => install(kube, structuredClone(crd))));
        await Promise.all(
            readdirSync(OFFICIAL).map(async (file) => {
                const crd = parse(readFileSync(join(OFFICIAL, file), "utf8"));
                known(crd);
                await install(kube, crd);
            }),
        );
    });

    function known({ spec }: KubeObject): void {
        for (const { name } of spec.versions) {
            official.add(`${spec.group}/${name} ${spec.names.kind}`);
        }
    }

    const all = { ...cases, ...generated("1.1"), ...generated("2.6"), ...generated("3") };
    for (const [title, raw] of Object.entries(all)) {
        it(`${title}: every object is accepted, the custom ones by their official CRDs`, async function () {
            this.timeout(60_000);
            const { resources } = await renderConfig("dev", loadConfig(raw));
            const objects = resources
                .filter((r) => r.type.startsWith("kubernetes:"))
                .map((r) => r.inputs as KubeObject);
            assert.ok(objects.length > 10);
            const refusals: string[] = [];
            for (const object of objects) {
                await accepted(lab().kube, object, official).catch((error: Error) => {
                    refusals.push(`${object.kind} ${object.metadata.name}: ${error.message}`);
                });
            }
            assert.deepEqual(refusals, []);
        });
    }

    it("and a field that no kind knows is refused, or the test would prove nothing", async () => {
        const object = {
            apiVersion: "maistra.io/v1",
            kind: "ServiceMeshMemberRoll",
            metadata: { name: "default", namespace: "default" },
        };
        const wrong = { ...object, spec: { members: [], membres: [] } };
        await assert.rejects(accepted(lab().kube, wrong, official), /unknown field "spec.membres"/);
    });
});

async function install(kube: Kube, crd: any): Promise<void> {
    const { group, names } = crd.spec;
    crd.spec.group = inOwnGroup(group);
    crd.metadata = {
        name: `${names.plural}.${crd.spec.group}`,
        annotations: { "api-approved.kubernetes.io": "unapproved, a copy for a test" },
    };
    // There is no operator here to convert: each version is asked by itself.
    crd.spec.conversion = { strategy: "None" };
    delete crd.status;
    const created = await kube.create(crd);
    const established = (o: KubeObject): boolean =>
        (o.status?.conditions ?? []).some((c: any) => c.type === "Established" && c.status === "True");
    await new Promise<void>((resolve) => {
        const stop = new AbortController();
        kube.watch(created, {
            name: created.metadata.name,
            signal: stop.signal,
            onEvent: (_type, object) => {
                if (established(object)) {
                    stop.abort();
                    resolve();
                }
            },
        });
    });
}

async function accepted(kube: Kube, object: KubeObject, official: Set<string>): Promise<void> {
    const { apiVersion, kind } = object;
    const custom = official.has(`${apiVersion} ${kind}`);
    const builtIn = /^[^.]*(\.k8s\.io)?\/|^v1$/.test(apiVersion.replace("rbac.authorization.", "rbac."));
    assert.ok(custom || builtIn, `there is no official CRD for ${apiVersion} ${kind}`);
    const namespace = object.metadata.namespace === undefined ? undefined : "default";
    await kube.create(
        {
            ...object,
            apiVersion: custom ? inOwnGroup(apiVersion) : apiVersion,
            metadata: { ...object.metadata, namespace },
            // A masked secret is text where a map was.
            ...(kind === "Secret" ? { stringData: { masked: "x" } } : {}),
        },
        { dryRun: true, fieldValidation: "Strict" },
    );
}
