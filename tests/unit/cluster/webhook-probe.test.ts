import assert from "node:assert/strict";
import type { Held } from "../../../cluster/gate";
import { probeWebhooks } from "../../../cluster/webhook-probe";
import { KindMissing, KubeError } from "../../../kube";
import { hurried } from "../hurried";
import { FakeKube } from "./fake-kube";

const TARGET = { apiVersion: "maistra.io/v1", kind: "ServiceMeshControlPlane", namespace: "openshift-operators" };
const UNANSWERED = new KubeError(
    500,
    "InternalError",
    'failed calling webhook "smcp.mutation.maistra.io": connection refused',
);

/** The probe against an API server that answers these errors, one a try. */
async function probe(
    answers: Error[],
    signal = new AbortController().signal,
): Promise<{ tries: number; said: string[] }> {
    const fake = new FakeKube();
    const said: string[] = [];
    let tries = 0;
    fake.before = (_verb, { name }) => {
        assert.equal(name, "_webhook-probe_", "a name that no object can have");
        throw answers[Math.min(tries++, answers.length - 1)];
    };
    const held: Held = { kube: fake.kube, signal, waiting: (why) => said.push(why) };
    await probeWebhooks(TARGET, held);
    return { tries, said };
}

describe("the webhook probe (traps 13, 14, 31)", () => {
    hurried();

    it("waits while a webhook does not answer, and shows the API server's words", async () => {
        const invalid = new KubeError(422, "Invalid", 'metadata.name: Invalid value: "_webhook-probe_"');
        const { tries, said } = await probe([UNANSWERED, UNANSWERED, invalid]);
        assert.equal(tries, 4);
        assert.match(said[0], /do not answer yet: failed calling webhook "smcp\.mutation\.maistra\.io"/);
    });

    for (const [what, error] of [
        ["a webhook refuses", new KubeError(400, "BadRequest", 'admission webhook "x" denied the request: no')],
        ["it may not ask", new KubeError(403, "Forbidden", "servicemeshcontrolplanes is forbidden")],
    ] as const) {
        it(`is content at once when ${what}`, async () => {
            assert.deepEqual(await probe([error]), { tries: 1, said: [] });
        });
    }

    it("looks twice when the name is refused: the API server may not have loaded the webhook yet", async () => {
        const invalid = new KubeError(422, "Invalid", "metadata.name: Invalid value");
        assert.deepEqual(await probe([invalid]), { tries: 2, said: [] });
        assert.equal((await probe([invalid, UNANSWERED, invalid])).tries, 4);
    });

    it("waits for the kind itself", async () => {
        const { said } = await probe([
            new KindMissing(TARGET.apiVersion, TARGET.kind),
            new KubeError(422, "Invalid", "metadata.name: Invalid value"),
        ]);
        assert.match(said[0], /maistra\.io\/v1 ServiceMeshControlPlane is not served yet/);
    });

    it("ends with the gate", async () => {
        const controller = new AbortController();
        setTimeout(() => controller.abort(), 20);
        await assert.rejects(probe([UNANSWERED], controller.signal), { name: "AbortError" });
    });
});
