import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { loadConfig } from "../../config/load";
import { parsePlatform } from "../../config/platform";
import { readStackFile } from "../../config/stack-file";
import { Kube } from "../../kube";
import { down, type Lab, up } from "../../lab";
import { labWays } from "../../scripts/lab-ways";
import { verify } from "../../verify/verify";
import { skip } from "../skip";
import { PLATFORM } from "../unit/stacks/parted";
import { ACCEPTED, APPS, DENIED, GUARDED, isAnswered, listener, sample } from "./answers";
import { accountsOf } from "./as";
import { assertUntouched, type Snapshot, snapshot } from "./snapshot";
import { Stack } from "./stack";
import { isTheirs, MARK } from "./theirs";

const EXAMPLES = resolve(__dirname, "../../examples/two-stacks");

describe("two teams from the beginning, one with rights in its own namespaces alone", function () {
    this.timeout(300_000);
    const labName = `teams-${process.pid}`;
    const signal = new AbortController().signal;
    const file = (stack: string): string => join(EXAMPLES, `Pulumi.${stack}.yaml`);
    let lab: Lab;
    let kube: Kube;
    let team: Kube;
    let verifier: Kube;
    let platform: Stack;
    let workloads: Stack;
    let theirs: Snapshot;

    before(async function () {
        this.timeout(20 * 60_000);
        lab = await up({ name: labName, settings: { timeScale: 0.05, openshift: "4.18" }, endsWith: process.pid });
        if (lab.router === undefined) {
            skip(this, `there is no data plane: ${lab.noRouter}`);
        }
        kube = Kube.load({ kubeconfig: lab.kubeconfig });
        theirs = await snapshot(kube, isTheirs);
        platform = await Stack.open(lab, "platform", file("platform"));
        await platform.up();
        const accounts = await accountsOf(lab, kube, "shop", { file: file("shop") });
        workloads = await Stack.open({ kubeconfig: accounts.deployer }, "shop", file("shop"), platform);
        await workloads.previewAs(accounts.previewer);
        team = Kube.load({ kubeconfig: accounts.deployer });
        verifier = Kube.load({ kubeconfig: accounts.verifier });
    });
    after(() => down(labName));

    it("the platform alone is a mesh without members", async () => {
        const { members, services, controlPlane } = (await platform.engine.outputs()) as any;
        assert.deepEqual([members, services, controlPlane.generation], [[], {}, "2.6"]);
    });

    it("the team's services join by themselves, and its exceptions stay as they are", async () => {
        await workloads.preview();
        const { outputs } = await workloads.up();
        assert.deepEqual(outputs.members, [APPS]);
        await isAnswered(lab, GUARDED[0], signal);
        await isAnswered(lab, ["sample is denied", sample, "/api/sample/apply", DENIED], signal);
        await isAnswered(lab, ["the listener's own Route", listener, "/", ACCEPTED], signal);
    });

    it("neither has anything more to do", async () => {
        await workloads.preview({ expectNoChanges: true });
        await platform.preview({ expectNoChanges: true });
    });

    it("verify says that all is well", async () => {
        const outputs = await workloads.engine.outputs();
        const told = parsePlatform(PLATFORM, outputs.platform);
        const config = loadConfig(readStackFile(file("shop")), { platform: told });
        const ways = { ...labWays(lab, outputs), patienceMs: 30_000, signal };
        const failed = (await verify({ kube: verifier, config, outputs, ways })).filter((c) => c.result === "failed");
        assert.deepEqual(failed, []);
    });

    it("the team cannot touch the mesh", async () => {
        const may = async (
            verb: string,
            group: string,
            resource: string,
            name: string,
            namespace?: string,
        ): Promise<boolean> => {
            const review = {
                apiVersion: "authorization.k8s.io/v1",
                kind: "SelfSubjectAccessReview",
                spec: { resourceAttributes: { verb, group, resource, name, ...(namespace ? { namespace } : {}) } },
            };
            const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
            return (await team.raw("POST", path, review)).status.allowed;
        };
        assert.equal(await may("patch", "apps", "deployments", "sample", APPS), true, "its own");
        const refused: [string, string, string, string, string?][] = [
            ["patch", "maistra.io", "servicemeshcontrolplanes", "basic", "istio-system"],
            ["patch", "maistra.io", "servicemeshmemberrolls", "default", "istio-system"],
            ["get", "", "secrets", "kiali-signing-key", "istio-system"],
            ["patch", "apps", "deployments", "istiod-basic", "istio-system"],
            ["create", "security.istio.io", "authorizationpolicies", "all", "istio-system"],
            ["create", "", "namespaces", "more"],
            ["list", "", "namespaces", ""],
            ["list", "route.openshift.io", "routes", ""],
            ["patch", "operators.coreos.com", "subscriptions", "kiali-ossm", "openshift-operators"],
        ];
        for (const [verb, group, resource, name, namespace] of refused) {
            assert.equal(
                await may(verb, group, resource, name, namespace),
                false,
                `${verb} ${resource} ${namespace ?? ""}`,
            );
        }
    });

    it("each is undone by itself, and all of theirs is as it was", async () => {
        await workloads.destroy();
        await platform.destroy();
        const left = await snapshot(kube, ({ metadata }) => metadata.annotations?.[MARK] !== undefined);
        assert.deepEqual([...left.keys()], []);
        assertUntouched(theirs, await snapshot(kube, isTheirs));
    });
});
