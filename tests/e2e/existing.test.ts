import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { KindRef, KubeObject } from "../../kube";
import type { Engine, RunResult } from "../../lab/engine/driver";
import { eventually } from "../lab/wait";
import { withLab } from "../lab/with-lab";
import { devDown } from "./dev";
import { CSV, DEPLOYMENT, DEPLOYMENT_CONFIG, EVENT, MEMBER, NAMESPACE, PLAN, POD, ROUTE, SECRET } from "./kinds";
import { assertUntouched, isCopy, type Snapshot, snapshot } from "./snapshot";
import { Stack, type StackFile } from "./stack";
import { containersOf, isAdmitted } from "./status";
import { removeTheirs, shop, theirSubscription } from "./theirs";

const OPERATORS = "openshift-operators";
const INJECT = "sidecar.istio.io/inject";
const SECRET_VALUE = "correct-horse-battery-staple";
/** The same as `pulumi config set --secret` writes it, for an empty passphrase. */
const SALT = "v1:aLHP8JMoqvs=:v1:uup19z/pA75PUgSH:bQ0aM0czI5ldlXzeX7/7k7avvoZ91g==";
const SECURE = "v1:AkKLHva1gUObfirL:q5gkI2TteVa/RLTPN6U9xHlWnO+CIMzuE2Ux5qNVMJuuZbXi5Oe9U0kq2PY=";
const CONFIG = {
    "mesh:generation": "1.1",
    "mesh:operators": { servicemesh: { approval: "Manual", startingCSV: "servicemeshoperator.v1.1.6" } },
    "mesh:controlPlane": { name: "full", namespace: "shop-mesh", mtls: "permissive", consoles: ["kiali"] },
    "mesh:membership": "member",
    "mesh:namespaces": {
        shop: {
            existingRoutes: { orders: "cut-off" },
            services: {
                orders: { existing: "Deployment", host: "new-orders" },
                billing: { existing: "DeploymentConfig" },
                cart: {
                    image: "registry.example.com/shop/cart:1",
                    env: { DB_PASSWORD: { secret: "db-password" }, TOKEN: { generate: 24 }, LEVEL: "info" },
                },
            },
        },
    },
};

/** The stand-in engine cannot decrypt, and says so. */
function fileFor(engine: Engine["kind"]): StackFile {
    const secret = engine === "pulumi" ? { secure: SECURE } : SECRET_VALUE;
    return { encryptionsalt: SALT, config: { ...CONFIG, "mesh:secrets": { "db-password": secret } } };
}

/** What others have in this cluster, but for what follows from it. */
function isTheirs(object: KubeObject): boolean {
    const { kind, metadata } = object;
    const follows = ["Pod", "ReplicaSet", "ReplicationController", "Deployment", "DeploymentConfig", "Endpoints"];
    if (metadata.namespace === "shop") {
        return !isCopy(object) && !follows.includes(kind) && !/^(ServiceMeshMember|cart)/.test(metadata.name);
    }
    return metadata.namespace === OPERATORS && /^(jaeger|never|web-terminal)/.test(metadata.name);
}

describe("a cluster where others have been before", function () {
    this.timeout(600_000);
    const used = withLab({ olm: { testPackages: true } }, "e2e");
    const kube = () => used().kube;
    const read = async (kind: KindRef, namespace: string, name: string): Promise<KubeObject> => {
        const object = await kube().get({ ...kind, namespace, name });
        assert.ok(object, `${kind.kind} ${namespace}/${name}`);
        return object;
    };
    const podsOf = async (labelSelector: string): Promise<KubeObject[]> =>
        (await kube().list(POD, { namespace: "shop", labelSelector })).filter((p) => !p.metadata.deletionTimestamp);
    const containers = async (labelSelector: string) => (await podsOf(labelSelector)).map(containersOf);

    let stack: Stack;
    let result: RunResult;
    let theirs: Snapshot;

    before(async () => {
        await devDown(used().lab);
        for (const object of shop()) {
            await kube().create(object);
        }
        await theirSubscription(kube(), "jaeger-product");
        await eventually("their workloads run", async () => (await podsOf("")).length === 3 || undefined, 60);
        stack = await Stack.open(used().lab, "brownfield", fileFor);
    });

    after(async () => {
        if (stack?.isUp) {
            await stack.destroy();
        }
        await removeTheirs(kube(), "jaeger-product");
        await removeTheirs(kube(), "never-operator");
        await kube().delete({ ...NAMESPACE, name: "shop" });
    });

    describe("trap 4: a plan that would also install another team's operator", () => {
        let message: string;
        before(async () => {
            await theirSubscription(kube(), "never-operator", { installPlanApproval: "Manual" });
            message = await stack.refused("up");
        });

        const open = async (): Promise<KubeObject[]> =>
            (await kube().list(PLAN, { namespace: OPERATORS })).filter((plan) => !plan.spec.approved);

        it("stops, names it, and approves nothing", async () => {
            assert.match(message, /^kiali-ossm did not install/);
            assert.match(message, /the plan says: it would also install never-operator\.v1\.0\.0$/m);
            assert.match(message, /oc patch installplan install-\S+ -n openshift-operators --type merge/);
            assert.ok((await open()).length > 0);
            assert.equal(await kube().get({ ...CSV, namespace: OPERATORS, name: "never-operator.v1.0.0" }), undefined);
        });

        after("somebody approves it, as the message says", async () => {
            const [, name, body] = /oc patch installplan (\S+) -n \S+ --type merge -p '(.*)'/.exec(message) ?? [];
            await kube().mergePatch({ ...PLAN, namespace: OPERATORS, name }, JSON.parse(body));
            await eventually(
                "it is installed",
                async () => {
                    const csv = await kube().get({ ...CSV, namespace: OPERATORS, name: "never-operator.v1.0.0" });
                    return csv?.status?.phase === "Succeeded" ? true : undefined;
                },
                60,
            );
        });
    });

    describe("up", () => {
        let earlier: string[];
        before(async () => {
            earlier = (await kube().list(PLAN, { namespace: OPERATORS })).map((p) => p.metadata.name);
            theirs = await snapshot(kube(), isTheirs);
            result = await stack.up();
        });

        it("step 1: an operator that another team has installed is used, left alone, and reported", async () => {
            const { operators } = result.outputs as { operators: Record<string, string> };
            assert.equal(operators["jaeger-product"], "jaeger-operator.v1.17.4");
            assert.match(
                result.messages[0].text,
                /jaeger-product is already installed by another team: used, left alone/,
            );
            assert.ok(!result.steps.some(({ urn }) => urn.endsWith("Subscription::jaeger-product")));
        });

        it("trap 2: Manual stays on the version that was asked for, though a newer one waits", async () => {
            const { operators } = result.outputs as { operators: Record<string, string> };
            assert.equal(operators.servicemeshoperator, "servicemeshoperator.v1.1.6");
            assert.equal((await read(CSV, OPERATORS, "servicemeshoperator.v1.1.6")).status.phase, "Succeeded");
            const plans = await kube().list(PLAN, { namespace: OPERATORS });
            const newer = plans.filter(
                ({ metadata, spec }) =>
                    !earlier.includes(metadata.name) &&
                    spec.clusterServiceVersionNames.includes("servicemeshoperator.v1.1.7"),
            );
            assert.deepEqual(
                newer.map((p) => [p.spec.approved, p.status.phase]),
                [[false, "RequiresApproval"]],
            );
        });

        it("step 5, the other way: the namespace asks for itself", async () => {
            const { spec } = await read(MEMBER, "shop", "default");
            assert.deepEqual(spec.controlPlaneRef, { name: "full", namespace: "shop-mesh" });
            assert.deepEqual((result.outputs as { members: string[] }).members, ["shop"]);
            const { metadata } = (await kube().get({ ...NAMESPACE, name: "shop" }))!;
            assert.equal(metadata.labels?.["maistra.io/member-of"], "shop-mesh");
            assert.equal(metadata.annotations?.["openshift-mesh/stack"], undefined);
        });

        it("step 6: a Deployment and a DeploymentConfig that exist get their sidecars", async () => {
            assert.deepEqual(await containers("app=orders"), [
                ["orders", "istio-proxy"],
                ["orders", "istio-proxy"],
            ]);
            assert.deepEqual(await containers("app=billing"), [["billing", "istio-proxy"]]);
            const orders = await read(DEPLOYMENT, "shop", "orders");
            assert.equal(orders.spec.template.metadata.annotations[INJECT], "true");
            assert.equal(orders.metadata.annotations?.["openshift-mesh/stack"], undefined);
        });

        it("a bare host is under the cluster's domain", async () => {
            const { routeHosts } = result.outputs as { routeHosts: Record<string, string> };
            assert.equal(routeHosts.orders, "new-orders.apps.example.com");
            const routes = await kube().list(ROUTE, { namespace: "shop-mesh" });
            assert.ok(routes.some((r) => r.spec.host === routeHosts.orders && isAdmitted(r)));
        });

        it("touches nothing else of theirs", async () => {
            assertUntouched(theirs, await snapshot(kube(), isTheirs));
        });

        it("a second look decides the same way", async () => {
            const preview = await stack.preview({ expectNoChanges: true });
            assert.match(preview.messages[0].text, /jaeger-product is already installed by another team/);
        });
    });

    describe("secrets", () => {
        let token: string;
        const clear = (value: string, text: string): boolean =>
            text.includes(value) || text.includes(Buffer.from(value).toString("base64"));

        before(async () => {
            const { data } = await read(SECRET, "shop", "cart-env");
            token = Buffer.from(data.TOKEN, "base64").toString();
            assert.equal(Buffer.from(data.DB_PASSWORD, "base64").toString(), SECRET_VALUE);
        });

        it("reach the pods through a Secret, and a generated one has the length that was asked for", async () => {
            assert.equal(token.length, 24);
            const { spec } = (await read(DEPLOYMENT, "shop", "cart")).spec.template;
            const [{ env, envFrom }] = spec.containers;
            assert.ok(JSON.stringify([env, envFrom]).includes("cart-env"));
            assert.ok(JSON.stringify(env).includes('"info"'));
        });

        it("are in clear in no output, message, event or object", async () => {
            const events = await kube().list(EVENT);
            const others = await snapshot(kube(), ({ kind }) => kind !== "Secret");
            const told = [JSON.stringify(result), ...stack.said, JSON.stringify(events), ...others.values()];
            for (const value of [token, SECRET_VALUE]) {
                assert.ok(!told.some((text) => clear(value, text)));
            }
        });

        it("are in clear in no file that the engine keeps", () => {
            const files = readdirSync(stack.home, { recursive: true, withFileTypes: true })
                .filter((entry) => entry.isFile())
                .map((entry) => join(entry.parentPath, entry.name));
            assert.ok(files.length > 1);
            for (const file of files) {
                const text = readFileSync(file, "utf8");
                assert.ok(!clear(token, text), file);
                assert.ok(!clear(SECRET_VALUE, text), file);
            }
        });
    });

    describe("destroy", () => {
        before(async () => {
            await stack.destroy();
        });

        it("gives the workloads back as they were, with pods of their own", async () => {
            const orders = await read(DEPLOYMENT, "shop", "orders");
            assert.equal(orders.spec.template.metadata.annotations[INJECT], "false");
            const billing = await read(DEPLOYMENT_CONFIG, "shop", "billing");
            assert.equal(billing.spec.template.metadata.annotations?.[INJECT], undefined);
            await eventually(
                "pods without sidecars",
                async () => {
                    const all = [...(await containers("app=orders")), ...(await containers("app=billing"))];
                    return JSON.stringify(all) === '[["orders"],["orders"],["billing"]]' ? true : undefined;
                },
                60,
            );
        });

        it("leaves what others have installed", async () => {
            assert.deepEqual(assertUntouched(theirs, await snapshot(kube(), isTheirs)), []);
            for (const csv of ["jaeger-operator.v1.17.4", "never-operator.v1.0.0", "web-terminal.v1.0.1"]) {
                assert.equal((await read(CSV, OPERATORS, csv)).status.phase, "Succeeded");
            }
            const { metadata } = (await kube().get({ ...NAMESPACE, name: "shop" }))!;
            assert.equal(metadata.labels?.["maistra.io/member-of"], undefined);
        });
    });
});
