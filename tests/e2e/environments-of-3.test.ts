import assert from "node:assert/strict";
import { loadConfig } from "../../config/load";
import type { KubeObject } from "../../kube";
import { verify } from "../../verify/verify";
import { withLab } from "../lab/with-lab";
import { NAMESPACE } from "./kinds";
import { assertUntouched, type Snapshot, snapshot } from "./snapshot";
import { changesOf, Stack, type StackFile } from "./stack";

const MARK = "openshift-mesh/stack";
const ISTIO = { apiVersion: "sailoperator.io/v1", kind: "Istio" };

/** A small mesh of generation 3 with one service. */
function environment(service: string, more: object = {}): StackFile {
    return {
        config: {
            "mesh:generation": "3",
            "mesh:controlPlane": { name: "default", consoles: [], tracing: { enabled: false } },
            "mesh:namespaces": {
                [`of-${service}`]: {
                    services: {
                        [service]: {
                            image: `registry.example.com/shop/${service}:1`,
                            host: service,
                            allow: [{ gateway: true }],
                        },
                    },
                },
            },
            ...more,
        },
    };
}

describe("two environments of generation 3 in one cluster", function () {
    this.timeout(600_000);
    const used = withLab({ openshift: "4.18" }, "e2e");
    const kube = () => used().kube;
    const files = {
        first: environment("cart"),
        second: environment("till", { "mesh:uniqueNames": true }),
    };
    let first: Stack;
    let second: Stack;
    let firstOutputs: Record<string, unknown>;
    let secondOutputs: Record<string, unknown>;
    let asItWas: Snapshot;

    /** All that is in the first one's namespaces, and what it has made for the whole cluster. */
    const ofFirst = ({ kind, metadata: { name, namespace = "", annotations = {} } }: KubeObject): boolean =>
        kind !== "Lease" &&
        (["istio-system", "istio-system-ingress", "of-cart"].includes(kind === "Namespace" ? name : namespace) ||
            annotations[MARK] === "organization/mesh/first");

    const isWell = async (file: StackFile, outputs: Record<string, unknown>): Promise<void> => {
        const signal = new AbortController().signal;
        const ways = { none: "nothing runs in the pods of this lab", patienceMs: 0, signal };
        const config = loadConfig(
            Object.fromEntries(
                Object.entries(file.config).map(([key, value]) => [
                    key,
                    typeof value === "string" ? value : JSON.stringify(value),
                ]),
            ),
        );
        const checks = await verify({ kube: kube(), config, outputs, ways });
        assert.deepEqual(
            checks.filter(({ result }) => result === "failed"),
            [],
        );
        assert.ok(checks.some(({ result }) => result === "passed"));
    };

    before(async () => {
        first = await Stack.open(used().lab, "first", files.first);
        second = await Stack.open(used().lab, "second", files.second);
        firstOutputs = (await first.up()).outputs;
        asItWas = await snapshot(kube(), ofFirst);
        secondOutputs = (await second.up()).outputs;
    });
    after(async () => {
        for (const stack of [second, first]) {
            if (stack?.isUp) {
                await stack.destroy();
            }
        }
    });

    it("the first is as it was before the second came", async () => {
        assert.deepEqual(assertUntouched(asItWas, await snapshot(kube(), ofFirst)), []);
    });

    it("both are well, by what verify sees of every object", async () => {
        await isWell(files.first, firstOutputs);
        await isWell(files.second, secondOutputs);
    });

    it("no namespace is in both: each mesh finds its own by a label that names it", async () => {
        const planes = await kube().list(ISTIO);
        const found = planes.map(({ metadata, spec }) => [metadata.name, spec.values.meshConfig.discoverySelectors]);
        const [theSecond] = found.map(([name]) => name).filter((name) => name !== "default");
        assert.equal(planes.length, 2);
        assert.match(theSecond, /^default-[a-z0-9]{4}$/);
        const members = async (plane: string) => {
            const [, selectors] = found.find(([name]) => name === plane)!;
            const matches = (labels: Record<string, string> = {}) =>
                selectors.some(({ matchLabels }: { matchLabels: Record<string, string> }) =>
                    Object.entries(matchLabels).every(([key, value]) => labels[key] === value),
                );
            const all = await kube().list(NAMESPACE);
            return all.filter(({ metadata }) => matches(metadata.labels)).map(({ metadata }) => metadata.name);
        };
        const [ofDefault, ofSecond] = [await members("default"), await members(theSecond)];
        assert.ok(ofDefault.includes("of-cart"), ofDefault.join());
        assert.deepEqual(
            ofDefault.filter((name) => ofSecond.includes(name)),
            [],
        );
        assert.ok(
            ofSecond.some((name) => /^of-till-[a-z0-9]{4}$/.test(name)),
            ofSecond.join(),
        );
    });

    it("neither sees a change when it looks again", async () => {
        assert.deepEqual(changesOf(await first.preview({ expectNoChanges: true })), []);
        assert.deepEqual(changesOf(await second.preview({ expectNoChanges: true })), []);
    });

    it("the second goes, and the first is as it was", async () => {
        await second.destroy();
        assert.deepEqual(assertUntouched(asItWas, await snapshot(kube(), ofFirst)), []);
        const left = await snapshot(
            kube(),
            ({ metadata }) => metadata.annotations?.[MARK] === "organization/mesh/second",
        );
        assert.deepEqual([...left.keys()], []);
        await isWell(files.first, firstOutputs);
        assert.deepEqual(changesOf(await first.preview({ expectNoChanges: true })), []);
    });
});
