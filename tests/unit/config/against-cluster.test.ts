import assert from "node:assert/strict";
import { type ClusterFacts, emptyFacts, type RouteFact } from "../../../cluster/facts";
import { checkAgainstCluster } from "../../../config/check-cluster";
import { checkNextAgainstCluster } from "../../../config/check-mesh";
import { effective } from "../../../config/next";
import type { MeshConfig } from "../../../config/schema";
import { resolveHost } from "../../../config/hosts";
import { describeProblem } from "../../../config/problems";
import { configOf, IMAGE } from "./sample";

const STACK = "organization/mesh/dev";
const HOST = "mesh:namespaces.shop.services.cart.host";

function said(parts: Record<string, unknown>, facts: Partial<ClusterFacts>): string[] {
    const problems = checkAgainstCluster(configOf(parts), emptyFacts(facts), { stackId: STACK });
    return problems.map((problem) => `${problem.key} ${describeProblem(problem)}`);
}

function route(over: Partial<RouteFact>): RouteFact {
    return {
        namespace: "other",
        name: "theirs",
        host: "cart.apps.example.com",
        to: "x",
        labels: {},
        admitted: true,
        ...over,
    };
}

const namespace = { exists: true, terminating: true, labels: {}, annotations: {} };

describe("configuration against a cluster", () => {
    it("nothing is said when all fits", () => assert.deepEqual(said({}, {}), []));

    it("a host is not under the cluster's domain", () => {
        assert.deepEqual(said({ "namespaces.shop.services.cart.host": "cart.apps.exmaple.com" }, {}), [
            `${HOST} cart.apps.exmaple.com is not under this cluster's domain apps.example.com; ` +
                "did you mean cart.apps.example.com?",
        ]);
    });

    it("pods are to stay while nodes are drained, and the cluster is too old to be told so", () => {
        const parts = { "namespaces.bank.services.ledger": { image: IMAGE, replicas: 2, minAvailable: 1 } };
        const { apiGroups } = emptyFacts();
        assert.deepEqual(said(parts, { apiGroups: [...apiGroups, "policy/v1beta1", "policy/v1"] }), []);
        const [line, ...others] = said(parts, { apiGroups: [...apiGroups, "policy/v1beta1"] });
        assert.match(line, /ledger\.minAvailable 1: nothing on a cluster before OpenShift 4\.8/);
        assert.deepEqual(others, []);
    });

    it("an image is to be built, and the cluster builds none", () => {
        const build = { git: "https://git.example.com/cart.git" };
        const parts = { "namespaces.bank.services.ledger": { build } };
        const { apiGroups } = emptyFacts();
        assert.deepEqual(said(parts, { apiGroups: [...apiGroups, "image.openshift.io/v1"] }), [
            "mesh:namespaces.bank.services.ledger.build this cluster builds no images: it does not serve " +
                "build.openshift.io/v1",
        ]);
        const all = [...apiGroups, "image.openshift.io/v1", "build.openshift.io/v1"];
        assert.deepEqual(said(parts, { apiGroups: all }), []);
    });

    it("the gateway is to be one of the Gateway API, which the cluster does not have", () => {
        const { apiGroups } = emptyFacts();
        const parts = { generation: "3", "controlPlane.gateways": { ingress: { api: "gateway-api" } } };
        const [only, ...others] = said(parts, { apiGroups: [...apiGroups, "gateway.networking.k8s.io/v1beta1"] });
        assert.match(
            only ?? "",
            /^mesh:controlPlane\.gateways\.ingress\.api this cluster does not serve .*\/v1; .* CRDs .* OpenShift .* 4\.19/,
        );
        assert.deepEqual(others, []);
        assert.deepEqual(said(parts, { apiGroups: [...apiGroups, "gateway.networking.k8s.io/v1"] }), []);
        assert.deepEqual(said({ generation: "3" }, { apiGroups }), []);
    });

    it("a domain that is configured goes before the cluster's", () => {
        const parts = {
            appsDomain: "mesh.example.com",
            "namespaces.shop.services.cart.host": "cart.mesh.example.com",
        };
        assert.deepEqual(said(parts, {}), []);
    });

    it("no domain is known", () => {
        const [only, ...others] = said({}, { appsDomain: undefined });
        assert.match(only ?? "", /^mesh:appsDomain missing: .*ingresses\.config\.openshift\.io/);
        assert.deepEqual(others, []);
    });

    it("a bare label and a full host turn out to be one", () => {
        const parts = { "namespaces.bank.services.ledger.host": "cart" };
        assert.deepEqual(said(parts, {}), [`${HOST} cart.apps.example.com is already the host of bank/ledger`]);
    });

    it("a host is held by another Route, which is named", () => {
        const [only] = said({}, { routes: [route({})] });
        assert.match(
            only ?? "",
            /cart\.apps\.example\.com is held by Route other\/theirs; .*oc delete route theirs -n other/,
        );
    });

    it("a host is held by this stack's own Routes", () => {
        const labels = {
            "maistra.io/generated-by": "ior",
            "maistra.io/gateway-namespace": "shop",
            "maistra.io/gateway-name": "shop-gateway",
        };
        assert.deepEqual(said({}, { routes: [route({ labels }), route({ name: "late", admitted: false })] }), []);
        assert.deepEqual(said({}, { routes: [route({ mark: STACK })] }), []);
        assert.equal(said({}, { routes: [route({ mark: "organization/mesh/prod" })] }).length, 1);
        assert.equal(
            said({}, { routes: [route({ labels: { ...labels, "maistra.io/gateway-namespace": "x" } })] }).length,
            1,
        );
    });

    it("a host is one of the control plane's own", () => {
        const parts = { "namespaces.shop.services.cart.host": "kiali-istio-system" };
        assert.match(said(parts, {})[0] ?? "", /control plane's own Route kiali/);
    });

    it("a namespace is in another mesh's roll (trap 21)", () => {
        const theirs = { namespace: "shop", controlPlaneNamespace: "other-mesh", configured: true };
        const ours = { namespace: "bank", controlPlaneNamespace: "istio-system", configured: true };
        assert.deepEqual(said({}, { members: [theirs, ours] }), [
            "mesh:namespaces.shop shop is already a member of the mesh in other-mesh",
        ]);
    });

    it("namespaces are being deleted", () => {
        const keys = said({}, { namespaces: { "istio-system": namespace, shop: namespace } }).map(
            (line) => line.split(" ")[0],
        );
        assert.deepEqual(keys, ["mesh:controlPlane.namespace", "mesh:namespaces.shop"]);
    });

    it("the namespace has a control plane of somebody else (trap 20)", () => {
        const plane = { namespace: "istio-system", name: "theirs", apiVersion: "maistra.io/v1" };
        assert.match(said({}, { controlPlanes: [plane] })[0] ?? "", /already has the control plane theirs/);
        assert.deepEqual(said({}, { controlPlanes: [{ ...plane, mark: STACK }] }), []);
        assert.deepEqual(said({}, { controlPlanes: [{ ...plane, namespace: "elsewhere" }] }), []);
    });

    it("an Istio of somebody else has the control plane's name, which is the whole cluster's", () => {
        const theirs = { namespace: "elsewhere", name: "basic", apiVersion: "sailoperator.io/v1", mark: "theirs" };
        assert.deepEqual(said({ generation: "3" }, { controlPlanes: [theirs] }), [
            "mesh:controlPlane.name there is an Istio basic already, for elsewhere, which is not this stack's",
        ]);
        assert.deepEqual(said({ generation: "3" }, { controlPlanes: [{ ...theirs, mark: STACK }] }), []);
        assert.deepEqual(said({ generation: "2.6" }, { controlPlanes: [theirs] }), []);
    });

    it("the mesh that a stack moves to has the name of somebody else's, by the key where that is written", () => {
        const next = { generation: "3", controlPlane: { name: "v3", consoles: ["kiali"] } };
        const { next: config } = effective(configOf({ generation: "2.6", next }));
        const theirs = { namespace: "elsewhere", name: "v3", apiVersion: "sailoperator.io/v1" };
        const facts = emptyFacts({ controlPlanes: [theirs] });
        const keys = checkNextAgainstCluster(config as MeshConfig, facts, STACK).map(({ key }) => key);
        assert.deepEqual(keys, ["mesh:next.controlPlane.name"]);
    });

    it("a namespace is in somebody else's mesh by its labels", () => {
        const sail: ClusterFacts["sail"] = [{ kind: "Istio", apiVersion: "sailoperator.io/v1", name: "theirs" }];
        const labelled = { ...namespace, terminating: false, labels: { "istio-discovery": "theirs" } };
        const facts = { sail, namespaces: { shop: labelled } };
        assert.deepEqual(said({ generation: "3" }, facts), [
            "mesh:namespaces.shop shop is already a member of the mesh theirs",
        ]);
        assert.deepEqual(said({ generation: "3" }, { ...facts, sail: [{ ...sail[0], mark: STACK }] }), []);
    });

    it("the gateway's namespace is being deleted", () => {
        const [only, ...others] = said({ generation: "3" }, { namespaces: { "istio-system-ingress": namespace } });
        assert.deepEqual(others, []);
        assert.match(only, /^mesh:controlPlane\.gateways\.ingress\.namespace istio-system-ingress is being deleted/);
    });

    it("a host is one of a console's, as each generation calls it", () => {
        const hosts = { "2.6": "kiali-istio-system", "3": "kiali-basic-istio-system" };
        for (const [generation, host] of Object.entries(hosts)) {
            const parts = { generation, "namespaces.shop.services.cart.host": `${host}.apps.example.com` };
            assert.equal(said(parts, {}).length, 1, generation);
        }
    });

    it("the network is one on which 1.1 configures no member (trap 45)", () => {
        assert.match(said({}, { networkType: "OVNKubernetes" })[0] ?? "", /^mesh:generation .*OVNKubernetes/);
        assert.deepEqual(said({}, { networkType: "Calico" }), []);
    });

    it("an existing workload is not there", () => {
        const parts = { "namespaces.bank.services.ledger": { existing: "Deployment" } };
        const workload = { namespace: "bank", containers: ["a"] };
        const there = { ...workload, kind: "Deployment" as const, name: "ledger" };
        assert.deepEqual(said(parts, { workloads: [there] }), []);
        assert.match(
            said(parts, { workloads: [{ ...there, name: "legder" }] })[0] ?? "",
            /no Deployment ledger.*mean legder\?/,
        );
        assert.match(
            said(parts, { workloads: [{ ...there, kind: "DeploymentConfig" }] })[0] ?? "",
            /ledger is a DeploymentConfig/,
        );
        assert.match(said(parts, { workloads: [{ ...there, namespace: "shop" }] })[0] ?? "", /in namespace bank/);
    });
});

describe("hosts as they are asked for", () => {
    it("a bare label goes under the domain, with the suffix if there is one; a full host stays", () => {
        assert.equal(resolveHost("cart", "apps.example.com"), "cart.apps.example.com");
        assert.equal(resolveHost("cart", "apps.example.com", "x7k2p"), "cart-x7k2p.apps.example.com");
        assert.equal(resolveHost("cart.example.org", "apps.example.com", "x7k2p"), "cart.example.org");
    });
});
