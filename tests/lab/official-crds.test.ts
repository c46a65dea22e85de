import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { loadConfig } from "../../config/load";
import { readStackFile } from "../../config/stack-file";
import type { Kube, KubeObject } from "../../kube";
import { renderConfig } from "../../render/render";
import { skip } from "../skip";
import { withLab } from "./with-lab";

/** The official CRDs, which are not ours to ship, stand beside the project where it is developed. */
const OFFICIAL = join(__dirname, "../../../shared/crds");

/** The official kinds are installed under groups of their own, so that the lab's stay as they are. */
const inOwnGroup = (apiVersion: string): string => `official.${apiVersion}`;

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

describe("what is rendered, on a real API server with strict field validation", () => {
    const lab = withLab();
    const official = new Set<string>();

    before(async function () {
        if (!existsSync(OFFICIAL)) {
            skip(this, "the official CRDs are not beside this checkout");
        }
        this.timeout(120_000);
        const { kube } = lab();
        await Promise.all(
            readdirSync(OFFICIAL).map(async (file) => {
                const crd = parse(readFileSync(join(OFFICIAL, file), "utf8"));
                for (const { name } of crd.spec.versions) {
                    official.add(`${crd.spec.group}/${name} ${crd.spec.names.kind}`);
                }
                await install(kube, crd);
            }),
        );
    });

    for (const [title, raw] of Object.entries({ "the dev environment": dev, "every setting at once": everything })) {
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
        const object = { apiVersion: "maistra.io/v1", kind: "ServiceMeshMemberRoll", metadata: { name: "default" } };
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
    assert.ok(custom || !/\.(io|com|dev)\//.test(apiVersion), `there is no official CRD for ${apiVersion} ${kind}`);
    const namespace = kind === "Namespace" ? undefined : "default";
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
