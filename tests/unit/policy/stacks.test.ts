import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { loadConfig } from "../../../config/load";
import { readStackFile } from "../../../config/stack-file";
import { check } from "../../../policy/check";
import { ENVIRONMENT_KEY, environmentOf, own } from "../../../policy/environments";
import { fromRendering } from "../../../policy/from-rendering";
import { judge } from "../../../policy/judge";
import type { Environment } from "../../../policy/levels";
import { objectOf } from "../../../policy/rule";
import { rules } from "../../../policy/rules";
import { strictness } from "../../../policy/settings";
import { render, renderConfig } from "../../../render/render";

const CHECKOUT = resolve(__dirname, "../../..");
const stacks = readdirSync(CHECKOUT).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);

type Recorded = Parameters<typeof fromRendering>[0];

function broken(resources: Recorded, environment: Environment): string[] {
    return judge(rules, fromRendering(resources), strictness(rules, environment, own().policies[environment]))
        .filter(({ level, finding }) => level === "mandatory" && finding.is === "wrong")
        .map(({ rule, of }) => `${rule.name}: ${objectOf(of)}`);
}

describe("policies: this project's stacks", function () {
    this.timeout(60_000);

    for (const stack of stacks) {
        it(`${stack} keeps to them`, async () => {
            const { environment } = environmentOf(stack, readStackFile(`Pulumi.${stack}.yaml`)[ENVIRONMENT_KEY]);
            const { resources } = await render(stack);
            assert.deepEqual(broken(resources, environment), []);
        });
    }

    it("prod keeps to them with its gateway by the Gateway API, too", async () => {
        const raw = readStackFile("Pulumi.prod.yaml");
        const controlPlane = JSON.parse(raw["mesh:controlPlane"]);
        controlPlane.gateways.ingress.api = "gateway-api";
        const config = loadConfig({ ...raw, "mesh:controlPlane": JSON.stringify(controlPlane) });
        const { resources } = await renderConfig("prod", config);
        assert.deepEqual(broken(resources, "prod"), []);
    });

    it("dev's, held to what prod is", async () => {
        const { resources } = await render("dev");
        assert.deepEqual(
            new Set(broken(resources, "prod").map((line) => line.split(":")[0])),
            new Set(["service-has-policy", "resources-set", "sampling-ceiling", "protected"]),
        );
    });

    it("loosened mTLS, an open service, a community operator: each in every generation", async () => {
        for (const generation of ["1.1", "2.6", "3"]) {
            const config = loadConfig({
                "mesh:generation": generation,
                "mesh:catalog": JSON.stringify({
                    source: "community-operators",
                    sourceNamespace: "openshift-marketplace",
                }),
                "mesh:controlPlane": JSON.stringify({
                    name: "default",
                    namespace: "istio-system",
                    mtls: "permissive",
                    tracing: { sampling: 100 },
                }),
                "mesh:namespaces": JSON.stringify({
                    shop: { services: { cart: { image: "registry.example.com/cart:1" } } },
                }),
            });
            const { resources } = await renderConfig("prod", config);
            const found = broken(resources, "prod");
            for (const expected of [
                /^operator-catalogue: Subscription openshift-operators\/servicemeshoperator/,
                generation === "3"
                    ? /^mtls-strict: PeerAuthentication istio-system\/mesh-wide/
                    : /^mtls-strict: ServiceMeshControlPlane istio-system\/default/,
                /^service-has-policy: Deployment shop\/cart/,
                /^image-digest: Deployment shop\/cart/,
                /^resources-set: Deployment shop\/cart/,
                generation === "3"
                    ? /^sampling-ceiling: Telemetry/
                    : /^sampling-ceiling: ServiceMeshControlPlane istio-system\/default/,
                /^protected: (Istio default|ServiceMeshControlPlane istio-system\/default)/,
                /^protected: Namespace istio-system/,
            ]) {
                assert.ok(
                    found.some((line) => expected.test(line)),
                    `${generation}: ${expected} in\n${found.join("\n")}`,
                );
            }
            assert.equal(
                found.some((line) => line.startsWith("mtls-mesh-wide")),
                generation === "3",
            );
        }
    });
});

describe("npm run policy", function () {
    this.timeout(60_000);
    const folder = mkdtempSync(join(tmpdir(), "mesh-policy-"));
    after(() => rmSync(folder, { recursive: true }));

    it("its exit code tells: kept, broken, or not to be told", async () => {
        const wrong = join(folder, "wrong.json");
        writeFileSync(wrong, JSON.stringify({ "no-such": "mandatory" }));
        const kept = await check({ stack: "dev" });
        assert.equal(kept.code, 0, kept.text);
        assert.match(kept.text, /^dev is dev, by its name: \d+ rules\n/);
        const broken = await check({ stack: "dev", environment: "prod" });
        assert.equal(broken.code, 1, broken.text);
        assert.match(broken.text, /^dev is prod, as was asked for.*\n\[mandatory\] /);
        const mistaken = await check({ stack: "dev", config: wrong });
        assert.deepEqual([mistaken.code, mistaken.text.split(":")[0]], [2, "the policies' config is wrong"]);
        const missing = await check({ stack: "nowhere" });
        assert.equal(missing.code, 2);
        assert.match(missing.text, /Pulumi.nowhere.yaml +no such file: one of Pulumi.dev.yaml/);
    });

    it("config makes it strict or lenient", async () => {
        const lenient = join(folder, "lenient.json");
        writeFileSync(lenient, JSON.stringify({ all: "advisory", "no-latest": "mandatory" }));
        const checked = await check({ stack: "dev", environment: "prod", config: lenient });
        assert.equal(checked.code, 0, checked.text);
        assert.match(checked.text, /\[advisory\] sampling-ceiling: /);
    });
});
