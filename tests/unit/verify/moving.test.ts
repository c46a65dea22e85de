import assert from "node:assert/strict";
import type { MeshConfig } from "../../../config/schema";
import { configOf, MeshCluster, planOf, said, STRICT } from "./meshes";
import { MEMBER } from "./scenario";

/** What 3 has instead of what staging has. */
const CONTROL_PLANE = { name: "v3", consoles: ["kiali"], tracing: { backend: "tempo" } };

describe("verify: a stack that is moving from 2.6 to 3", () => {
    const next = (namespaces: string[]) => ({
        "mesh:next": JSON.stringify({ generation: "3", controlPlane: CONTROL_PLANE, namespaces }),
    });
    const failures = async (config: MeshConfig, kube = new MeshCluster(config)) =>
        (await said(kube, config)).filter((c) => c.result === "failed").map((c) => `${c.subject}: ${c.seen}`);

    for (const moved of [[], [MEMBER]]) {
        it(`${moved.length ? "a namespace has gone over" : "nothing has moved yet"}: both meshes hold`, async () => {
            const config = configOf("staging", next(moved));
            const checks = await said(new MeshCluster(config), config);
            assert.deepEqual(
                checks.filter((c) => c.result === "failed"),
                [],
            );
            const subjects = checks.map((c) => c.subject);
            for (const subject of ["istio-system/basic", "istio-system/v3", "mtls of basic", "mtls of v3"]) {
                assert.ok(subjects.includes(subject), subject);
            }
            const host = checks.find((c) => c.subject === "caller.apps.example.com");
            const at = moved.length ? "istio-system-ingress" : "istio-system";
            assert.equal(host?.seen, `Route ${at}/${MEMBER}-caller`);
        });

        it(`${moved.length ? "after" : "before"}: the answers are the same`, async () => {
            assert.deepEqual(await planOf("staging", next(moved)), STRICT);
        });
    }

    it("says it when the old mesh may still inject what has moved", async () => {
        const config = configOf("staging", next([MEMBER]));
        const kube = new MeshCluster(config);
        await kube.change(
            { apiVersion: "v1", kind: "Namespace", name: MEMBER },
            (n) => delete n.metadata.labels["maistra.io/ignore-namespace"],
        );
        assert.deepEqual(await failures(config, kube), [
            `${MEMBER}: 0 of 1 namespaces, ${MEMBER} lacks maistra.io/ignore-namespace=true`,
        ]);
    });

    it("says it when the next mesh is not there", async () => {
        const config = configOf("staging", next([]));
        const kube = new MeshCluster(config);
        kube.remove({ apiVersion: "sailoperator.io/v1", kind: "Istio", name: "v3" });
        assert.deepEqual(await failures(config, kube), ["istio-system/v3: Istio v3 is not there"]);
    });
});
