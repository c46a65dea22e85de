import { deepEqual, equal } from "node:assert/strict";
import { connect } from "node:net";
import { createServer, type Server } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubeObject } from "../../../kube";
import { ServiceAddresses } from "../../../lab/dataplane/addresses";
import type { ClusterView } from "../../../lab/dataplane/cluster-view";
import { mayConnect, type Source } from "../../../lab/dataplane/network-policy";
import { type Octet, takeOctet } from "../../../lab/dataplane/octet";
import { ServiceProxy } from "../../../lab/dataplane/service-proxy";

const INGRESS = { "network.openshift.io/policy-group": "ingress" };
const router: Source = { namespace: "openshift-ingress", namespaceLabels: INGRESS };

function policy(spec: object, namespace = "app"): KubeObject {
    return {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name: "policy", namespace },
        spec,
    };
}

function pod(namespace: string, labels: Record<string, string>, namespaceLabels: Record<string, string> = {}): Source {
    return { namespace, podLabels: labels, namespaceLabels };
}

const inNamespaces = (matchLabels: Record<string, string>) => ({ namespaceSelector: { matchLabels } });
const ofPods = (matchLabels: Record<string, string>) => ({ podSelector: { matchLabels } });
const allowing = (...from: object[]): KubeObject => policy({ podSelector: {}, ingress: [{ from }] });

function connects(from: Source, policies: KubeObject[], labels: Record<string, string> = {}, port = 8080): boolean {
    return mayConnect(from, { namespace: "app", labels, portNames: { http: 8080 } }, port, policies);
}

describe("Data plane: NetworkPolicies (trap 27)", () => {
    const members = allowing(inNamespaces({ "maistra.io/member-of": "mesh" }));
    const exposed = policy({
        podSelector: { matchLabels: { "maistra.io/expose-route": "true" } },
        ingress: [{ from: [inNamespaces(INGRESS)] }],
        policyTypes: ["Ingress"],
    });

    it("a pod that no policy selects is open", () => {
        equal(connects(router, []), true);
        equal(connects(router, [policy({ podSelector: {}, ingress: [] }, "elsewhere")]), true);
        equal(connects(router, [policy({ podSelector: {}, policyTypes: ["Egress"] })]), true);
        equal(connects(router, [policy({ podSelector: { matchLabels: { app: "other" } } })], { app: "sample" }), true);
    });

    it("a member's pod is closed to the router, unless it carries the label", () => {
        equal(connects(router, [members, exposed]), false);
        equal(connects(router, [members, exposed], { "maistra.io/expose-route": "true" }), true);
        equal(connects(pod("mesh", {}, { "maistra.io/member-of": "mesh" }), [members, exposed]), true);
        equal(connects(pod("elsewhere", {}), [members, exposed]), false);
    });

    it("what several policies allow adds up", () => {
        const discovered = allowing(inNamespaces({ "istio-discovery": "v3" }));
        const both = [members, discovered];
        equal(connects(pod("a", {}, { "maistra.io/member-of": "mesh" }), both), true);
        equal(connects(pod("b", {}, { "istio-discovery": "v3" }), both), true);
        equal(connects(pod("c", {}), both), false);
    });

    it("a rule without sources is for all, no rule for nobody, one for pods or addresses not for the router", () => {
        equal(connects(router, [policy({ podSelector: {}, ingress: [{}] })]), true);
        equal(connects(router, [policy({ podSelector: {} })]), false);
        equal(connects(router, [allowing({ podSelector: {} })]), false);
        equal(connects(router, [allowing({ ...inNamespaces(INGRESS), podSelector: {} })]), false);
        equal(connects(router, [allowing({ ipBlock: { cidr: "0.0.0.0/0" } })]), false);
    });

    it("pods are meant in the policy's own namespace, or in those that are named with them", () => {
        const near = [allowing(ofPods({ app: "caller" }))];
        equal(connects(pod("app", { app: "caller" }), near), true);
        equal(connects(pod("app", { app: "other" }), near), false);
        equal(connects(pod("elsewhere", { app: "caller" }), near), false);
        const far = [allowing({ ...inNamespaces({ team: "a" }), ...ofPods({ app: "caller" }) })];
        equal(connects(pod("elsewhere", { app: "caller" }, { team: "a" }), far), true);
        equal(connects(pod("elsewhere", { app: "other" }, { team: "a" }), far), false);
        equal(connects(pod("app", { app: "caller" }), far), false);
    });

    it("expressions", () => {
        const operators = [
            { key: "team", operator: "In", values: ["a", "b"] },
            { key: "old", operator: "DoesNotExist" },
        ];
        const policies = [allowing({ namespaceSelector: { matchExpressions: operators } })];
        deepEqual(
            [{ team: "a" }, { team: "c" }, {}, { team: "b", old: "" }].map((labels) =>
                connects(pod("x", {}, labels as Record<string, string>), policies),
            ),
            [true, false, false, false],
        );
    });

    it("ports, by number, name or range", () => {
        const at = (...ports: object[]) => [policy({ podSelector: {}, ingress: [{ ports }] })];
        equal(connects(router, at({ port: 8080 })), true);
        equal(connects(router, at({ port: 9090 })), false);
        equal(connects(router, at({ port: "http" })), true);
        equal(connects(router, at({ port: "metrics" })), false);
        equal(connects(router, at({ port: 8000, endPort: 8100 })), true);
        equal(connects(router, at({ protocol: "TCP" })), true);
        equal(connects(router, at({ port: 8080, protocol: "UDP" })), false);
    });
});

describe("Data plane: Services between pods", () => {
    let octet: Octet;
    let folder: string;
    let server: Server;
    let proxy: ServiceProxy;
    let at: { host: string; port: number };
    let policies: KubeObject[];

    before(async () => {
        octet = await takeOctet();
        folder = mkdtempSync(join(tmpdir(), "services-"));
        server = createServer((_, response) => response.writeHead(204).end());
        const address = (last: number) => `127.${octet.number}.0.${last}`;
        await new Promise<void>((resolve) => server.listen(0, address(2), resolve));
        const { port } = server.address() as { port: number };
        const target: KubeObject = {
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name: "sample", namespace: "app", labels: { app: "sample" } },
            spec: { containers: [] },
            status: { podIP: `10.${octet.number}.0.2` },
        };
        const service = {
            metadata: { name: "sample", namespace: "app" },
            spec: { selector: { app: "sample" }, ports: [{ port, targetPort: port }] },
        };
        const view = {
            all: (kind: string) => ({ services: [service], networkPolicies: policies })[kind] ?? [],
            readyPods: () => [target],
            namespaceLabels: () => ({}),
            podAt: (from: string) =>
                from === address(3) ? { namespace: "elsewhere", labels: { app: "stranger" } } : undefined,
        };
        const addresses = new ServiceAddresses(join(folder, "addresses.json"), octet.number);
        const patience = async () => undefined;
        proxy = new ServiceProxy(view as unknown as ClusterView, addresses, octet.number, () => undefined, patience);
        proxy.update();
        at = { host: addresses.of("app", "sample", undefined), port };
    });

    after(() => {
        proxy.close();
        server.close();
        octet.release();
        rmSync(folder, { recursive: true });
    });

    const ask = (from?: string): Promise<string> =>
        new Promise((resolve) => {
            const socket = connect({ ...at, localAddress: from }, () => socket.write("GET / HTTP/1.0\r\n\r\n"));
            socket.once("data", (data) => resolve(data.toString().slice(9, 12)));
            socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
            socket.once("end", () => socket.end());
        });
    const stranger = () => ask(`127.${octet.number}.0.3`);

    it("a pod that a policy keeps out gets nowhere; a client that is no pod does", async () => {
        policies = [];
        deepEqual([await stranger(), await ask()], ["204", "204"]);
        policies = [allowing(ofPods({ app: "caller" }))];
        deepEqual([await stranger(), await ask()], ["ECONNRESET", "204"]);
        policies.push(allowing({ namespaceSelector: {} }));
        equal(await stranger(), "204");
    });
});
