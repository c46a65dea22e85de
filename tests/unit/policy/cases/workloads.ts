import { UNKNOWN } from "../../../../policy/values";
import { object, workload } from "../objects";
import type { Case } from "./case";

const DIGEST = `sha256:${"0a".repeat(32)}`;
const cart = workload("shop/cart");
const gatewayPods = workload("in/gate", { annotations: { "inject.istio.io/templates": "gateway" } });
const resources = { requests: { cpu: "1", memory: "1Gi" }, limits: { memory: "1Gi" } };
const probes = { livenessProbe: { tcpSocket: { port: 1 } }, readinessProbe: { tcpSocket: { port: 1 } } };

export const workloads: Record<string, Case[]> = {
    "resources-set": [
        { it: "all said", given: [workload("shop/cart", { container: { resources } })] },
        {
            it: "outside of the mesh, and gateways",
            given: [workload("a/b", { labels: { "sidecar.istio.io/inject": "false" } }), gatewayPods],
        },
        {
            it: "nothing said, or not all",
            given: [cart, workload("shop/till", { container: { resources: { requests: resources.requests } } })],
            wrong: [
                /^container it of Deployment shop\/cart has no requests.cpu, requests.memory, limits.memory: set/,
                /shop\/till has no limits.memory/,
            ],
        },
        {
            it: "what the config asks for",
            given: [workload("shop/cart", { container: { resources } })],
            settings: { required: ["limits.cpu"] },
            wrong: [/has no limits.cpu/],
        },
        {
            it: "asked for by annotation",
            given: [
                workload("shop/cart", {
                    labels: { "sidecar.istio.io/inject": undefined },
                    annotations: { "sidecar.istio.io/inject": "true" },
                }),
            ],
            wrong: [/shop\/cart/],
        },
        {
            it: "what is decided later",
            given: [
                workload("shop/cart", { container: { resources: { ...resources, limits: UNKNOWN } } }),
                workload("shop/cart", { spec: { containers: [UNKNOWN] } }),
                workload("shop/cart", { annotations: UNKNOWN }),
            ],
            unknown: [/^limits.memory/, /containers\[0\]/, /in the mesh/],
        },
    ],
    "probes-set": [
        { it: "both", given: [workload("shop/cart", { container: probes })] },
        { it: "a gateway", given: [gatewayPods] },
        {
            it: "none, or one",
            given: [cart, workload("shop/till", { container: { livenessProbe: probes.livenessProbe } })],
            wrong: [/cart has no livenessProbe and no readinessProbe: set probes/, /till has no readinessProbe:/],
        },
        {
            it: "what is decided later",
            given: [workload("shop/cart", { container: { ...probes, livenessProbe: UNKNOWN } })],
            unknown: [/^livenessProbe/],
        },
    ],
    "image-digest": [
        {
            it: "pinned, or the injector's",
            given: [
                workload("a/b", { container: { image: `registry.example.com:5000/it@${DIGEST}` } }),
                workload("a/b", { container: { image: "auto" } }),
            ],
        },
        {
            it: "a tag, also of what only prepares a pod and of what is outside the mesh",
            given: [
                workload("a/b", { container: { image: "registry.example.com/it:1.0" } }),
                workload("a/c", { spec: { initContainers: [{ image: "x:1" }], containers: [] } }),
                object("batch/v1:CronJob", "a/d", {
                    spec: { jobTemplate: { spec: { template: { spec: { containers: [{ image: "y:1" }] } } } } },
                }),
            ],
            wrong: [
                /^Deployment a\/b runs registry.example.com\/it:1.0, which is not pinned: name/,
                /a\/c runs x:1/,
                /CronJob a\/d runs y:1/,
            ],
        },
        {
            it: "what is decided later",
            given: [workload("a/b", { container: { image: UNKNOWN } })],
            unknown: [/containers\[0\].image/],
        },
    ],
    "no-latest": [
        {
            it: "a version or a digest, with a port in the registry's name",
            given: [
                workload("a/b", { container: { image: "registry.example.com:5000/it:1" } }),
                workload("a/b", { container: { image: `it@${DIGEST}` } }),
                workload("a/b", { container: { image: "auto" } }),
            ],
        },
        {
            it: "latest, said or meant",
            given: [
                workload("a/b", { container: { image: "it:latest" } }),
                workload("a/b", { container: { image: "registry.example.com:5000/it" } }),
            ],
            wrong: [/runs it:latest, whatever that is at the time: name a version/, /5000\/it, whatever/],
        },
        {
            it: "what is decided later",
            given: [workload("a/b", { spec: UNKNOWN as never })],
            unknown: [/template.spec is/],
        },
    ],
};
