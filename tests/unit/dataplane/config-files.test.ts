import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bootstrap, ProxyConfig } from "../../../lab/dataplane/envoy-config";
import { translate } from "../../../lab/dataplane/translate";
import { caller, files, object, sample, service, view } from "./objects";

describe("translator: the files that Envoy reads", () => {
    let folder: string;
    let config: ProxyConfig;

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "mesh-envoy-config-"));
        config = new ProxyConfig(folder);
    });

    afterEach(() => {
        config.close();
        rmSync(folder, { recursive: true });
    });

    const write = (patch: object) => config.write(translate(view(patch), sample, { ...files, folder }));
    const read = (name: string): any => JSON.parse(readFileSync(join(folder, name), "utf8"));
    const names = (name: string): string[] => read(name).resources.map((each: any) => each.name);
    const inodes = () =>
        Object.fromEntries(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).ino]));

    it("are all there after the first writing, where the configuration looks for them", async () => {
        const versions = await write({});
        const expected = ["clusters", "filter-rbac-allow", "filter-rbac-deny", "listeners", "routes-outbound"];
        assert.deepEqual(
            readdirSync(folder).sort(),
            expected.map((name) => `${name}.json`),
        );
        assert.deepEqual(
            Object.keys(versions).sort(),
            expected.map((name) => join(folder, `${name}.json`)),
        );
        const named = JSON.stringify([
            read("listeners.json"),
            bootstrap({ id: "a", cluster: "b", folder, admin: { socket: "x" } }),
        ]);
        expected.forEach((name) => assert.ok(named.includes(`"${join(folder, `${name}.json`)}"`), name));
        assert.ok(
            read("listeners.json").resources.every((each: any) => each["@type"].endsWith("listener.v3.Listener")),
        );
    });

    it("a policy changes one file and no other", async () => {
        await write({});
        const before = inodes();
        await write({ authorizationPolicies: [object("AuthorizationPolicy", "shop", "p", {})] });
        const changed = Object.entries(inodes()).filter(([name, inode]) => before[name] !== inode);
        assert.deepEqual(
            changed.map(([name]) => name),
            ["filter-rbac-allow.json"],
        );
    });

    it("the same again writes nothing", async () => {
        const versions = await write({});
        const before = inodes();
        assert.deepEqual(await write({}), versions);
        assert.deepEqual(inodes(), before);
    });

    it("a cluster that is gone stays until the routes to it have surely been read", async () => {
        const { setTimeout: inTime } = globalThis;
        const later: (() => void)[] = [];
        globalThis.setTimeout = ((what: () => void) => (later.push(what), { unref: () => undefined })) as never;
        try {
            await write({ services: [service("shop", "sample"), service("shop", "old")] });
            await write({ services: [service("shop", "sample")] });
            const old = "outbound|8080||old.shop.svc.cluster.local";
            assert.ok(names("clusters.json").includes(old));
            later.forEach((what) => what());
            await write({ services: [service("shop", "sample")] });
            assert.ok(!names("clusters.json").includes(old));
        } finally {
            globalThis.setTimeout = inTime;
        }
    });

    it("when mTLS is turned on, a port takes both before it takes only one", async () => {
        await write({ meshPolicies: [object("ServiceMeshPolicy", "istio-system", "default", { peers: [] })] });
        const seen: string[] = [];
        const note = () => {
            const [{ filter_chains }] = read("listeners.json").resources;
            seen.push(filter_chains.map(({ name }: any) => name).join("+"));
        };
        note();
        const watcher = watch(folder, (_, name) => name === "listeners.json" && note());
        await write({
            meshPolicies: [object("ServiceMeshPolicy", "istio-system", "default", { peers: [{ mtls: {} }] })],
        });
        note();
        watcher.close();
        assert.deepEqual([...new Set(seen)], ["plain", "mtls+plain", "mtls"]);
    });

    it("are readable by their owner only", async () => {
        await write({});
        for (const name of readdirSync(folder)) {
            assert.equal(statSync(join(folder, name)).mode & 0o077, 0, name);
        }
    });

    it("writings that come together are done one after the other, and the last one holds", async () => {
        await Promise.all([
            write({ services: [service("shop", "a")] }),
            write({ services: [service("shop", "b")] }),
            write({ services: [service("shop", "c")], workloads: [caller] }),
        ]);
        assert.ok(names("clusters.json").includes("outbound|8080||c.shop.svc.cluster.local"));
        const hosts = read("routes-outbound.json").resources[0].virtual_hosts.map(({ name }: any) => name);
        assert.deepEqual(hosts, ["c.shop.svc.cluster.local:8080"]);
    });
});
