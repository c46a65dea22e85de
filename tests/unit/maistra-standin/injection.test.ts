import { deepEqual, equal, ok } from "node:assert/strict";
import type { KubeObject } from "../../../kube";
import { sidecarPatch, wantsSidecar } from "../../../lab/standins/maistra/v1/injection";
import { chartValues } from "../../../lab/standins/maistra/v1/values";

type Labels = Record<string, string>;

function pod(annotations?: Labels, more: { labels?: Labels; spec?: object } = {}): KubeObject {
    return {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "sample", labels: more.labels, annotations },
        spec: { containers: [{ name: "spring-boot", image: "x" }], ...more.spec },
    };
}

describe("Maistra stand-in: who gets a sidecar", () => {
    const asked = { "sidecar.istio.io/inject": "true" };

    it("only pods that ask by annotation (trap 24)", () => {
        equal(wantsSidecar(pod(asked)), true);
        equal(wantsSidecar(pod({ "sidecar.istio.io/inject": "yes" })), true);
        equal(wantsSidecar(pod()), false);
        equal(wantsSidecar(pod({ "sidecar.istio.io/inject": "false" })), false);
        equal(wantsSidecar(pod(undefined, { labels: asked })), false);
    });

    it("not twice, and not on the host's network", () => {
        equal(wantsSidecar(pod({ ...asked, "sidecar.istio.io/status": "{}" })), false);
        equal(wantsSidecar(pod(asked, { spec: { hostNetwork: true } })), false);
    });

    it("the proxy has the control plane's resources and no init container, but a network of its own", () => {
        const resources = { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "500m", memory: "128Mi" } };
        const values = chartValues({ istio: { global: { proxy: { resources } } } });
        const volumes = [{ name: "mine", emptyDir: {} }];
        const patch = sidecarPatch(pod(asked, { labels: { app: "sample" }, spec: { volumes } }), "mesh", values) as {
            op: string;
            path: string;
            value: any;
        }[];
        const at = (path: string) => patch.find((operation) => operation.path === path)?.value;
        equal(at("/spec/containers/-").name, "istio-proxy");
        deepEqual(at("/spec/containers/-").resources, resources);
        ok(at("/spec/containers/-").args.includes("istio-pilot.mesh:15010"));
        deepEqual(
            at("/spec/volumes").map((volume: { name: string }) => volume.name),
            ["mine", "istio-envoy", "istio-certs"],
        );
        equal(at("/metadata/annotations")["k8s.v1.cni.cncf.io/networks"], "v1-1-istio-cni");
        equal(at("/metadata/annotations")["sidecar.istio.io/inject"], "true");
        equal(at("/metadata/labels").app, "sample");
        equal(at("/spec/initContainers"), undefined);
    });
});
