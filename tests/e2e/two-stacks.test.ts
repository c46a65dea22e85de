import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { loadConfig } from "../../config/load";
import { parsePlatform } from "../../config/platform";
import { Kube, type KubeObject } from "../../kube";
import { down, type Lab, up } from "../../lab";
import { takenOver } from "../../render/part";
import { renderConfig } from "../../render/render";
import { labWays } from "../../scripts/lab-ways";
import { platformStack } from "../../stacks/platform-reference";
import { verify } from "../../verify/verify";
import { eventually } from "../lab/wait";
import { skip } from "../skip";
import { parted, PLATFORM, type Raw } from "../unit/stacks/parted";
import { accountsOf } from "./as";
import { Requests } from "./load";
import { REQUESTS, shop } from "./shop";
import { type Snapshot, assertSame, assertUntouched, isCopy, snapshot } from "./snapshot";
import { changesOf, Stack } from "./stack";
import { isTheirs, MARK } from "./theirs";

/** As Pulumi hands it over. */
function flat(config: Record<string, unknown>): Raw {
    return Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
    );
}

function file(raw: Raw) {
    return {
        config: Object.fromEntries(
            Object.entries(raw).map(([key, text]) => [key, text.startsWith("{") ? JSON.parse(text) : text]),
        ),
    };
}

describe("one stack becomes two, with requests all the while", function () {
    this.timeout(300_000);
    const name = `two-${process.pid}`;
    const whole = shop("2.6");
    const two = parted(flat(whole.config));
    const signal = new AbortController().signal;
    let lab: Lab;
    let kube: Kube;
    let platform: Stack;
    let workloads: Stack;
    let requests: Requests | undefined;
    let folder: string | undefined;
    let theirs: Snapshot;
    let standing: Snapshot;
    let urns: string[];

    before(async function () {
        // The first start on a machine may build the control plane.
        this.timeout(20 * 60_000);
        lab = await up({ name, settings: { timeScale: 0.05, openshift: "4.18" }, endsWith: process.pid });
        if (lab.router === undefined) {
            skip(this, `there is no data plane: ${lab.noRouter}`);
        }
        kube = Kube.load({ kubeconfig: lab.kubeconfig });
        theirs = await snapshot(kube, isTheirs);
        const all = await Stack.open(lab, "platform", whole);
        await all.up();
        platform = all;
        // The application team has its roles, which are in namespaces alone, and no other rights.
        const team = await accountsOf(lab, kube, "shop", { file: writeFiles() });
        workloads = await Stack.open({ kubeconfig: team.deployer }, "shop", file(two.workloads), all);
        await workloads.previewAs(team.previewer);
        const rendered = await renderConfig("platform", loadConfig(two.platform));
        const from = platformStack(PLATFORM, rendered.outputs);
        const config = loadConfig(two.workloads, { platform: from.platform });
        urns = takenOver(await renderConfig("shop", config, undefined, from), "platform");
        standing = await pods();
        requests = new Requests(() => lab, REQUESTS);
    });
    /** Both stack files in one folder; the path of the services'. */
    function writeFiles(): string {
        folder = mkdtempSync(join(tmpdir(), "two-stacks-"));
        const path = join(folder, "Pulumi.shop.yaml");
        writeFileSync(path, stringify(file(two.workloads)));
        writeFileSync(join(folder, "Pulumi.platform.yaml"), stringify(file(two.platform)));
        return path;
    }

    after(async () => {
        await requests?.stop();
        if (folder) {
            rmSync(folder, { recursive: true });
        }
        await down(name);
    });

    /** A copy of an operator's CSV comes and goes by itself. */
    const written = (object: KubeObject): boolean => !isCopy(object);
    const serviceObjects = async () => [
        ...(
            await snapshot(
                kube,
                ({ kind, metadata }) =>
                    ["Deployment", "Gateway"].includes(kind) && /^shop-/.test(metadata.namespace ?? ""),
            )
        ).keys(),
    ];
    const pods = () =>
        snapshot(kube, ({ kind, metadata }) => kind === "Pod" && /^shop-/.test(metadata.namespace ?? ""));
    const lostNothing = async (during: string): Promise<void> => {
        requests?.say(during);
        const enough = async () => ((requests?.answered[during] ?? 0) >= 20 ? true : undefined);
        await eventually(`requests during: ${during}`, enough, 120);
        assert.deepEqual(requests?.lost, []);
    };
    const verified = async (stack: Stack, raw: Raw): Promise<void> => {
        const outputs = await stack.engine.outputs();
        const told = parsePlatform(PLATFORM, outputs.platform);
        const config = loadConfig(raw, raw["mesh:part"] === "workloads" ? { platform: told } : {});
        const ways = { ...labWays(lab, outputs), patienceMs: 30_000, signal };
        const failed = (await verify({ kube, config, outputs, ways })).filter((c) => c.result === "failed");
        assert.deepEqual(failed, []);
    };

    it("the services' stack cannot come before there is a platform", async () => {
        assert.match(
            await workloads.refused("preview"),
            /mesh:platform: the stack organization\/mesh\/platform is not a platform.*\n.*pulumi up -s platform/,
        );
    });

    it("1: the stack becomes a platform, which changes nothing on the cluster", async () => {
        const before = await snapshot(kube, written);
        const opened = { config: { ...whole.config, "mesh:part": "platform" } };
        assert.deepEqual(changesOf(await (await Stack.open(lab, "platform", opened, platform)).up()), []);
        assertSame(before, await snapshot(kube, written));
        await lostNothing("a platform");
    });

    it("it lets go of no service that nobody has taken over", async () => {
        platform = await Stack.open(lab, "platform", file(two.platform), platform);
        const message = await platform.refused("preview");
        assert.match(message, /Deployment shop-back\/sample is still this stack's, and would be deleted/);
        assert.match(message, /Deployment shop-front\/caller/);
    });

    it("2: services are handed over: states change, and nothing else", async () => {
        const before = await snapshot(kube, written);
        await workloads.engine.takeOver("platform", urns);
        assertSame(before, await snapshot(kube, written));
        const left = (await platform.engine.state()).filter((r) => /MeshedService|AccessPolicies|Ingress/.test(r.urn));
        assert.deepEqual(left, []);
        await lostNothing("handed over");
    });

    it("3: the services' stack has them as they are, but for whose they are", async () => {
        const result = await workloads.up();
        const changes = changesOf(result).filter((c) => !/^create (ExposedListeners|TakenIn) /.test(c));
        const others = changes.filter((c) => !/^update .*: (metadata\.annotations\S*(, )?)+$/.test(c));
        assert.deepEqual(others, []);
        assert.ok((result.changes.update ?? 0) > 5);
        assert.deepEqual(Object.keys(result.outputs.services as object).sort(), ["caller", "sample"]);
        await lostNothing("taken over");
    });

    it("4: the platform without them has nothing to do", async () => {
        const result = await platform.up();
        assert.deepEqual(changesOf(result), []);
        assert.deepEqual(result.outputs.services, {});
        await lostNothing("let go");
    });

    it("no pod was made anew, and each finds nothing more to do", async () => {
        assertSame(standing, await pods());
        await platform.preview({ expectNoChanges: true });
        await workloads.preview({ expectNoChanges: true });
    });

    it("verify says of each that all is well", async () => {
        await verified(platform, two.platform);
        await verified(workloads, two.workloads);
    });

    it("both can be undone, the services first", async () => {
        await requests?.stop();
        await workloads.destroy();
        const gone = async () => ((await serviceObjects()).length === 0 ? true : undefined);
        await eventually("the services to go", gone, 60);
        await platform.destroy();
        const left = await snapshot(kube, ({ metadata }) => metadata.annotations?.[MARK] !== undefined);
        assert.deepEqual([...left.keys()], []);
        assertUntouched(theirs, await snapshot(kube, isTheirs));
    });
});
