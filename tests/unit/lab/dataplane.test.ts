import { deepEqual, equal, notEqual } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubeObject } from "../../../kube";
import { podAddresses, podIP, readServiceTable, ServiceAddresses } from "../../../lab/dataplane/addresses";
import { mayConnect } from "../../../lab/dataplane/network-policy";
import { takeOctet } from "../../../lab/dataplane/octet";

describe("Data plane: addresses", () => {
    it("two labs have different octets", async () => {
        const first = await takeOctet();
        const second = await takeOctet();
        notEqual(first.number, second.number);
        first.release();
        second.release();
    });

    it("a pod's addresses on this machine follow from the one in the API; others have none", () => {
        deepEqual(podAddresses("10.20.3.4", 20), { address: "127.20.3.4", appAddress: "127.20.131.4" });
        equal(podAddresses("10.21.3.4", 20), undefined);
        equal(podAddresses("10.20.72.4", 20), undefined, "its program's address would be a Service's");
        equal(podAddresses(undefined, 20), undefined);
    });

    it("all pods get addresses that can be reached, and no two the same", () => {
        const all = Array.from({ length: 18_000 }, (_, number) => podIP(number, 20));
        equal(new Set(all).size, all.length);
        all.forEach((ip) => notEqual(podAddresses(ip, 20), undefined, ip));
    });

    it("a Service keeps its address, and others read it", () => {
        const folder = mkdtempSync(join(tmpdir(), "addresses-"));
        try {
            const file = join(folder, "addresses.json");
            const addresses = new ServiceAddresses(file, 20);
            const sample = addresses.of("app", "sample", "172.30.0.5");
            notEqual(addresses.of("app", "caller", undefined), sample);
            equal(addresses.of("app", "sample", "172.30.0.9"), sample);
            equal(new ServiceAddresses(file, 20).of("app", "sample", "172.30.0.9"), sample);
            deepEqual(readServiceTable(file)["app/sample"], { address: sample, clusterIP: "172.30.0.9" });
            addresses.forget("app", "sample");
            equal(readServiceTable(file)["app/sample"], undefined);
        } finally {
            rmSync(folder, { recursive: true });
        }
    });
});

describe("Data plane: NetworkPolicies (trap 27)", () => {
    const router = { "network.openshift.io/policy-group": "ingress" };
    const pod = (labels: Record<string, string> = {}): KubeObject => ({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "sample", namespace: "app", labels },
    });
    const policy = (spec: object, namespace = "app"): KubeObject => ({
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name: "policy", namespace },
        spec,
    });
    const from = (labels: Record<string, string>) => ({ from: [{ namespaceSelector: { matchLabels: labels } }] });
    const members = policy({ podSelector: {}, ingress: [from({ "maistra.io/member-of": "mesh" })] });
    const exposed = policy({
        podSelector: { matchLabels: { "maistra.io/expose-route": "true" } },
        ingress: [from(router)],
        policyTypes: ["Ingress"],
    });

    it("a pod that no policy selects is open", () => {
        equal(mayConnect(router, pod(), []), true);
        equal(mayConnect(router, pod(), [policy({ podSelector: {}, ingress: [] }, "elsewhere")]), true);
        equal(mayConnect(router, pod(), [policy({ podSelector: {}, policyTypes: ["Egress"] })]), true);
    });

    it("a member's pod is closed to the router, unless it carries the label", () => {
        equal(mayConnect(router, pod(), [members, exposed]), false);
        equal(mayConnect(router, pod({ "maistra.io/expose-route": "true" }), [members, exposed]), true);
        equal(mayConnect({ "maistra.io/member-of": "mesh" }, pod(), [members, exposed]), true);
    });

    it("a rule without sources is for all, one for pods or addresses not for the router", () => {
        equal(mayConnect(router, pod(), [policy({ podSelector: {}, ingress: [{}] })]), true);
        equal(mayConnect(router, pod(), [policy({ podSelector: {} })]), false);
        equal(
            mayConnect(router, pod(), [policy({ podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] })]),
            false,
        );
        const block = { ipBlock: { cidr: "0.0.0.0/0" } };
        equal(mayConnect(router, pod(), [policy({ podSelector: {}, ingress: [{ from: [block] }] })]), false);
    });
});
