import assert from "node:assert/strict";
import type { Piece } from "../../../dialects";
import { v3 } from "../../../dialects/v3";
import { config, named, specOf } from "./v3-sample";

describe("dialect 3: consoles", () => {
    it("Kiali on OpenShift's monitoring, its key in a Secret, its part of OpenShift's console", () => {
        const pieces = v3.consolePieces(config({ name: "shop" }, { appsDomain: "apps.example.com" }));
        assert.deepEqual(named(pieces), [
            "TempoMonolithic shop",
            "OpenTelemetryCollector otel",
            "NetworkPolicy tempo-shop-ui",
            "Secret kiali-shop-signing-key",
            "ClusterRoleBinding kiali-shop-monitoring-istio-system",
            "NetworkPolicy istio-openshift-console",
            "Kiali kiali-shop",
            "OSSMConsole ossmconsole",
        ]);
        const kiali = specOf(pieces, "Kiali");
        assert.equal(kiali.deployment.instance_name, "kiali-shop");
        assert.equal(kiali.login_token.signing_key, "secret:kiali-shop-signing-key:key");
        assert.equal(kiali.deployment.pod_labels["maistra.io/expose-route"], "true", "the router reaches it");
        assert.deepEqual(kiali.deployment.discovery_selectors, {
            default: [{ matchLabels: { "istio-discovery": "shop" } }],
        });
        assert.equal(
            kiali.external_services.tracing.internal_url,
            "http://tempo-shop.istio-system.svc.cluster.local:3200",
        );
        assert.equal(
            kiali.external_services.tracing.external_url,
            "https://tempo-shop-jaegerui-istio-system.apps.example.com",
        );
        const secret = pieces.find(({ kind }) => kind === "Secret");
        assert.deepEqual(secret?.random, { key: 32 }, "Kiali takes 16, 24 or 32 characters");
        assert.deepEqual(secret?.body, {});
        const binding = pieces.find(({ kind }) => kind === "ClusterRoleBinding");
        assert.equal((binding?.body.subjects as any)[0].name, "kiali-shop-service-account");
        assert.deepEqual(v3.consoleRoutes(config({ name: "shop" })), {
            kiali: { namespace: "istio-system", name: "kiali-shop" },
            jaeger: { namespace: "istio-system", name: "tempo-shop-jaegerui" },
        });
    });

    it("traces in an object storage: a TempoStack, by its parts", () => {
        const asked = config({ tracing: { storage: "object", secret: "traces" } });
        const pieces = v3.consolePieces(asked);
        const { storage, storageSize } = specOf(pieces, "TempoStack");
        assert.deepEqual([storage, storageSize], [{ secret: { name: "traces", type: "s3" } }, "10Gi"]);
        const tracing = { storage: "object", secret: "traces", secretType: "gcs", size: "1Gi" };
        const other = specOf(v3.consolePieces(config({ tracing })), "TempoStack");
        assert.deepEqual([other.storage.secret.type, other.storageSize], ["gcs", "1Gi"]);
        assert.equal(
            specOf(pieces, "OpenTelemetryCollector").config.exporters.otlp.endpoint,
            "tempo-default-distributor.istio-system.svc.cluster.local:4317",
        );
        assert.equal(v3.consoleRoutes(asked).jaeger.name, "tempo-default-query-frontend");
    });

    it("none where none is asked for", () => {
        const asked = config({ consoles: [], tracing: { enabled: false } });
        assert.deepEqual(v3.consolePieces(asked), []);
        assert.deepEqual(v3.consoleRoutes(asked), {});
        assert.deepEqual(
            v3.operators(asked).map((o) => o.package),
            ["servicemeshoperator3"],
        );
    });
});

describe("dialect 3: pieces", () => {
    const all = config({
        version: "v1.27.9",
        updateStrategy: { type: "RevisionBased" },
        gateways: { ingress: { autoscale: true, replicas: { min: 2 }, minAvailable: 1 } },
    });
    const lists: Record<string, Piece[]> = {
        "control plane": v3.controlPlane(all),
        gateway: v3.gatewayPieces(all),
        consoles: v3.consolePieces(all),
        "members of one component": ["shop", "bank"].flatMap((namespace) =>
            v3.memberPieces(all, { namespace, withoutSidecar: ["el-a", "el-b"] }),
        ),
    };
    for (const [what, pieces] of Object.entries(lists)) {
        it(`${what}: each has a name of its own, and stands on what is made before it`, () => {
            const names = pieces.map(({ name }) => name);
            assert.equal(new Set(names).size, names.length, names.join(", "));
            for (const [i, { after = [] }] of pieces.entries()) {
                assert.ok(after.every((name) => names.slice(0, i).includes(name)));
            }
        });
    }
});
