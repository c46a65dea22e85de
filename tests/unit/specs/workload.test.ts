import assert from "node:assert/strict";
import fc from "fast-check";
import type { ServiceConfig } from "../../../config/schema";
import type { SidecarRequest } from "../../../dialects";
import { deploymentSpec, propertiesFile, propertiesMapName, serviceSpec } from "../../../specs/workload";

const image = "registry.example.com/sample@sha256:0";
const service: ServiceConfig = {
    image,
    container: "spring-boot",
    port: 8080,
    antiAffinity: "none",
    replicas: 2,
    properties: {},
    env: {},
    probes: {},
    allow: "anyone",
    deny: [],
    check: { method: "GET", path: "/", contentType: "application/json" },
};

const sidecar: SidecarRequest = { annotations: { "sidecar.istio.io/inject": "true" }, labels: {} };

/** What java.util.Properties makes of a file, line by line (documentation of java.util.Properties.load). */
function readProperties(text: string): Map<string, string> {
    const unescape = (s: string) =>
        s.replace(/\\(u([0-9a-fA-F]{4})|.)/gs, (_all, c: string, hex?: string) =>
            hex ? String.fromCharCode(parseInt(hex, 16)) : ({ n: "\n", r: "\r", t: "\t", f: "\f" }[c] ?? c),
        );
    const result = new Map<string, string>();
    for (const line of text.split("\n").filter((l) => l.trim() !== "" && !/^\s*[#!]/.test(l))) {
        const [, key, value] = /^\s*((?:\\.|[^=:\s\\])*)\s*[=:]?\s*(.*)$/s.exec(line) as RegExpExecArray;
        result.set(unescape(key), unescape(value));
    }
    return result;
}

describe("specs: a meshed service", () => {
    it("step 6: asks for the sidecar on the pod template, in the generation's way", () => {
        const spec: any = deploymentSpec({ name: "sample", service, image, sidecar });
        assert.equal(spec.template.metadata.annotations["sidecar.istio.io/inject"], "true");
        assert.deepEqual(spec.template.metadata.labels, { app: "sample" });
        assert.deepEqual(spec.selector.matchLabels, { app: "sample" });
        assert.equal(spec.template.spec.containers[0].name, "spring-boot");
        assert.equal(spec.replicas, 2);
    });

    it("keeps its pods on different nodes where that is asked for", () => {
        const affinity = (antiAffinity: ServiceConfig["antiAffinity"]) =>
            (deploymentSpec({ name: "sample", service: { ...service, antiAffinity }, image, sidecar }) as any).template
                .spec.affinity;
        assert.equal(affinity("none"), undefined);
        const [{ podAffinityTerm }] =
            affinity("preferred").podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution;
        assert.deepEqual(podAffinityTerm.labelSelector.matchLabels, { app: "sample" });
    });

    it("runs as nobody in particular, on a file system that it cannot write to", () => {
        const pod = (deploymentSpec({ name: "sample", service, image, sidecar }) as any).template.spec;
        assert.equal(pod.securityContext.runAsNonRoot, true);
        assert.deepEqual(pod.containers[0].securityContext, {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
        });
        assert.deepEqual(pod.volumes, [{ name: "tmp", emptyDir: {} }]);
    });

    it("has HTTP probes answered by the sidecar, which alone has a certificate", () => {
        const probed = { ...service, probes: { readiness: "/health" } };
        const template = (deploymentSpec({ name: "sample", service: probed, image, sidecar }) as any).template;
        assert.equal(template.metadata.annotations["sidecar.istio.io/rewriteAppHTTPProbers"], "true");
        assert.deepEqual(template.spec.containers[0].readinessProbe.httpGet, { path: "/health", port: 8080 });
        assert.deepEqual(template.spec.containers[0].livenessProbe.tcpSocket, { port: 8080 });
    });

    it("reads secret variables from its Secret, and restarts when that changes", () => {
        const env = { PLAIN: "x", TOKEN: { secret: "token" }, KEY: { generate: 16 } };
        const template = (
            deploymentSpec({
                name: "sample",
                service: { ...service, env },
                image,
                sidecar,
                secretName: "sample-env",
                secretRevision: "r1",
            }) as any
        ).template;
        assert.equal(template.metadata.annotations["openshift-mesh/secret-revision"], "r1");
        assert.deepEqual(template.spec.containers[0].env, [
            { name: "PLAIN", value: "x" },
            { name: "TOKEN", valueFrom: { secretKeyRef: { name: "sample-env", key: "TOKEN" } } },
            { name: "KEY", valueFrom: { secretKeyRef: { name: "sample-env", key: "KEY" } } },
        ]);
    });

    it("step 4: gives `caller` the internal name of `sample` in its application.properties", () => {
        const properties = { "sample_api.base_path": "http://sample.microsvc-sample.svc.cluster.local:8080" };
        assert.equal(
            propertiesFile(properties),
            "sample_api.base_path=http://sample.microsvc-sample.svc.cluster.local:8080\n",
        );
    });

    it("writes properties that Java reads back as they were", () => {
        const text = fc.string({ unit: "binary" });
        fc.assert(
            fc.property(fc.dictionary(fc.string({ minLength: 1, unit: "binary" }), text), (properties) => {
                const file = propertiesFile(properties);
                assert.match(file, /^[\x20-\x7e\n]*$/, "Java may read the file as Latin-1");
                const sorted = Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1));
                assert.deepEqual([...readProperties(file)], sorted);
            }),
        );
    });

    it("names the ConfigMap by what is in it, whatever the order of keys", () => {
        assert.equal(propertiesMapName("a", { x: "1", y: "2" }), propertiesMapName("a", { y: "2", x: "1" }));
        assert.notEqual(propertiesMapName("a", { x: "1" }), propertiesMapName("a", { x: "2" }));
    });

    it("names its port so that the mesh knows the protocol", () => {
        assert.deepEqual(serviceSpec("sample", 8080), {
            selector: { app: "sample" },
            ports: [{ name: "http", port: 8080, targetPort: 8080, protocol: "TCP" }],
        });
    });
});
