import assert from "node:assert/strict";
import { Kube, type KubeObject, isStatus } from "../../kube";
import { withLab } from "../lab/with-lab";
import { devAccounts, devDown } from "./dev";
import { CSV, DEPLOYMENT, NAMESPACE, POD, ROUTE, SECRET, SUBSCRIPTION } from "./kinds";
import { assertSame, snapshot } from "./snapshot";
import { DEV_FILE, Stack } from "./stack";

const RBAC = "rbac.authorization.k8s.io";
const APPS = "microsvc-sample";
const DRY = { dryRun: true };

type Attempt = [what: string, attempt: (kube: Kube) => Promise<unknown>];

const admin = { apiGroup: RBAC, kind: "ClusterRole", name: "cluster-admin" };
const me = { kind: "User", apiGroup: RBAC, name: "me" };
const role = (kind: string, namespace: string | undefined, rules: object[]): KubeObject => ({
    apiVersion: `${RBAC}/v1`,
    kind,
    metadata: { name: "more", ...(namespace ? { namespace } : {}) },
    rules,
});

/** What neither may. */
const NOBODY: Attempt[] = [
    ["read Secrets of another team", (kube) => kube.list(SECRET, { namespace: "other-team" })],
    ["read Secrets of the cluster", (kube) => kube.list(SECRET)],
    ["read Secrets beside the operators", (kube) => kube.list(SECRET, { namespace: "openshift-operators" })],
    [
        "change another team's Deployment",
        (kube) =>
            kube.mergePatch({ ...DEPLOYMENT, namespace: "other-team", name: "other" }, { spec: { replicas: 0 } }, DRY),
    ],
    ["delete another team's Route", (kube) => kube.delete({ ...ROUTE, namespace: "other-team", name: "other" })],
    [
        "delete another team's Subscription",
        (kube) => kube.delete({ ...SUBSCRIPTION, namespace: "openshift-operators", name: "web-terminal" }),
    ],
    ["delete another team's namespace", (kube) => kube.delete({ ...NAMESPACE, name: "other-team" })],
    ["delete a namespace that it has not made", (kube) => kube.delete({ ...NAMESPACE, name: APPS })],
    [
        "change the labels of another namespace",
        (kube) => kube.mergePatch({ ...NAMESPACE, name: "other-team" }, { metadata: { labels: { a: "b" } } }, DRY),
    ],
    ["delete a Route that was there before", (kube) => kube.delete({ ...ROUTE, namespace: APPS, name: "el-sample" })],
    ["run a command in a pod", (kube) => kube.raw("POST", `/api/v1/namespaces/${APPS}/pods/any/exec`)],
    ["make a ClusterRole", (kube) => kube.create(role("ClusterRole", undefined, []), DRY)],
    [
        "give itself a role",
        (kube) =>
            kube.create(
                { ...role("ClusterRoleBinding", undefined, []), rules: undefined, roleRef: admin, subjects: [me] },
                DRY,
            ),
    ],
    [
        "act as somebody else",
        (kube) =>
            kube.raw("POST", "/api/v1/namespaces/kube-system/serviceaccounts/default/token", {
                apiVersion: "authentication.k8s.io/v1",
                kind: "TokenRequest",
                spec: {},
            }),
    ],
    [
        "delete a CRD",
        (kube) =>
            kube.delete({
                apiVersion: "apiextensions.k8s.io/v1",
                kind: "CustomResourceDefinition",
                name: "routes.route.openshift.io",
            }),
    ],
];

/** What only the previewer may not. */
const PREVIEWER: Attempt[] = [
    ["make a namespace", (kube) => kube.create({ ...NAMESPACE, metadata: { name: "istio-system" } }, DRY)],
    [
        "make a Deployment",
        (kube) => kube.create({ ...DEPLOYMENT, metadata: { name: "sample", namespace: APPS }, spec: {} }, DRY),
    ],
    [
        "change what others made",
        (kube) =>
            kube.mergePatch(
                { apiVersion: "triggers.tekton.dev/v1alpha1", kind: "EventListener", namespace: APPS, name: "sample" },
                { metadata: { labels: { "maistra.io/expose-route": "true" } } },
                DRY,
            ),
    ],
    ["read pods", (kube) => kube.list(POD, { namespace: APPS })],
    ["remove an operator", (kube) => kube.delete({ ...CSV, namespace: "openshift-operators", name: "none" })],
];

describe("who previews and who deploys the dev environment", function () {
    this.timeout(300_000);
    const used = withLab({}, "e2e");
    let as: Record<"previewer" | "deployer", Kube>;

    before(async () => {
        const { previewer, deployer } = await devAccounts(used().lab);
        as = { previewer: Kube.load({ kubeconfig: previewer }), deployer: Kube.load({ kubeconfig: deployer }) };
    });

    for (const [who, attempts] of [
        ["previewer", [...NOBODY, ...PREVIEWER]],
        ["deployer", NOBODY],
    ] as const) {
        for (const [what, attempt] of attempts) {
            it(`${who} may not ${what}`, async () => {
                await assert.rejects(attempt(as[who]), (error: Error) => {
                    assert.ok(isStatus(error, 403), error.message);
                    return /cannot|forbidden/.test(error.message);
                });
            });
        }
    }

    it("the previewer previews on a cluster where nothing of it is, and touches nothing", async () => {
        const stack = await devDown(used().lab);
        const before = await snapshot(used().kube);
        const { changes } = await stack.preview();
        assert.deepEqual(Object.keys(changes), ["create"]);
        assertSame(before, await snapshot(used().kube));
    });

    it("who may preview may not bring it up: what is missing is said, and nothing is there afterwards", async () => {
        const { previewer } = await devAccounts(used().lab);
        const before = await snapshot(used().kube);
        const result = await (await Stack.open({ kubeconfig: previewer }, "dev", DEV_FILE)).run("up");
        assert.equal(result.ok, false);
        assert.match(result.messages.map((m) => m.text).join("\n"), /dev-previewer" cannot (create|patch) resource/);
        assertSame(before, await snapshot(used().kube));
    });
});
