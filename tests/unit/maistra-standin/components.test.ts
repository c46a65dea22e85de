import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import type { KubeObject } from "../../../kube";
import { render } from "../../../lab/standins/maistra/v1/components";
import { recording } from "./recording";

function meshOf(istio: object, generation = 1): KubeObject {
    return {
        apiVersion: "maistra.io/v1",
        kind: "ServiceMeshControlPlane",
        metadata: { name: "basic", namespace: "istio-system", uid: "u1", generation },
        spec: { version: "v1.1", template: "default", istio },
    };
}

const bare = { grafana: { enabled: false }, kiali: { enabled: false }, prometheus: { enabled: false } };
const minimal = { ...bare, tracing: { enabled: false } };

function objects(istio: object): KubeObject[] {
    return render(meshOf(istio)).flatMap((rendering) => rendering.objects);
}

function named(istio: object, kind: string): string[] {
    return objects(istio)
        .filter((object) => object.kind === kind)
        .map((object) => object.metadata.name);
}

describe("Maistra stand-in: what a control plane consists of", () => {
    it("writes the recorded objects, in the recorded order (N1)", () => {
        const kinds = ["Deployment", "NetworkPolicy", "Route", "DestinationRule", "ServiceMeshPolicy"];
        const recorded = recording("02-N1").filter((line) => line.ev === "ADDED" && line.ns === "istio-system");
        for (const kind of kinds) {
            deepEqual(
                named(minimal, kind),
                recorded.filter((line) => line.kind === kind).map((line) => line.name),
                kind,
            );
        }
    });

    it("has eleven components with every console, in the order of the operator", () => {
        deepEqual(
            render(meshOf({})).map((rendering) => rendering.component),
            [
                ...["istio", "security", "prometheus", "tracing", "galley", "mixer", "pilot", "gateways"],
                ...["sidecarInjectorWebhook", "grafana", "kiali"],
            ],
        );
    });

    it("gives the NetworkPolicies the recorded specs, and marks those that members do not get (trap 27)", () => {
        const recorded = recording("02-N1").filter((line) => line.ev === "ADDED" && line.kind === "NetworkPolicy");
        const written = objects(minimal).filter((object) => object.kind === "NetworkPolicy");
        for (const line of recorded) {
            const object = written.find(({ metadata }) => metadata.name === line.name);
            deepEqual(object?.spec, line.o.spec, line.name);
            deepEqual(
                object?.metadata.annotations?.["maistra.io/internal"],
                line.o.annotations["maistra.io/internal"],
                line.name,
            );
        }
    });

    it("adds DestinationRules default and api-server with mTLS, and only then (trap 29)", () => {
        const strict = { ...minimal, global: { mtls: { enabled: true } } };
        const added = recording("07-N3").filter((line) => line.ev === "ADDED" && line.kind === "DestinationRule");
        equal(added.length, 2);
        for (const line of added) {
            const rule = objects(strict).find((o) => o.kind === line.kind && o.metadata.name === line.name);
            deepEqual(rule?.spec, line.o.spec);
        }
        deepEqual(named(minimal, "DestinationRule"), ["istio-policy", "istio-telemetry"]);
        const policy = (istio: object) => objects(istio).find((object) => object.kind === "ServiceMeshPolicy")?.spec;
        deepEqual(policy(minimal), { peers: [{ mtls: { mode: "PERMISSIVE" } }] });
        deepEqual(policy(strict), { peers: [{ mtls: {} }] });
    });

    it("has IOR only where it is asked for (trap 26)", () => {
        const asked = { gateways: { "istio-ingressgateway": { ior_enabled: true } } };
        equal(named({}, "Deployment").includes("ior"), false);
        equal(named(asked, "Deployment").includes("ior"), true);
    });

    it("scales what the values do not tell it not to", () => {
        const recorded = ["istio-policy", "istio-telemetry", "istio-pilot", "istio-egressgateway"];
        deepEqual(named(minimal, "HorizontalPodAutoscaler"), [...recorded, "istio-ingressgateway"]);
        const off = { autoscaleEnabled: false };
        const none = {
            gateways: { "istio-egressgateway": off, "istio-ingressgateway": off },
            mixer: { policy: off, telemetry: off },
            pilot: off,
        };
        deepEqual(named(none, "HorizontalPodAutoscaler"), []);
    });

    it("marks every object as this mesh's and this generation's, whatever the values", () => {
        const flag = fc.record({ enabled: fc.boolean() });
        const values = fc.record({ grafana: flag, kiali: flag, prometheus: flag, tracing: flag });
        fc.assert(
            fc.property(values, fc.integer({ min: 1, max: 99 }), (istio, generation) => {
                for (const { component, objects: written } of render(meshOf(istio, generation))) {
                    for (const { metadata } of written) {
                        equal(metadata.labels?.["maistra.io/owner"], "istio-system");
                        equal(metadata.labels?.["app.kubernetes.io/component"], component);
                        equal(metadata.annotations?.["maistra.io/mesh-generation"], `1.1.7-${generation}`);
                        equal(metadata.ownerReferences?.[0]?.uid, metadata.namespace ? "u1" : undefined);
                    }
                }
            }),
            { numRuns: 25 },
        );
    });

    it("passes the user's resources on to the proxies and to telemetry", () => {
        const requests = { cpu: "100m", memory: "1G" };
        const written = objects({
            global: { proxy: { resources: { requests } } },
            mixer: { telemetry: { resources: { requests } } },
        });
        const telemetry = written.find((o) => o.kind === "Deployment" && o.metadata.name === "istio-telemetry");
        const containers: { name: string; resources: object }[] = telemetry?.spec.template.spec.containers;
        deepEqual(
            containers.map(({ name, resources }) => [name, resources]),
            [
                ["mixer", { requests }],
                ["istio-proxy", { requests }],
            ],
        );
        ok(written.every((o) => !JSON.stringify(o.spec ?? {}).includes('"limits":null')));
    });
});
