import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { page } from "../../../review/markdown";
import { fromPreview } from "../../../review/report";
import { object } from "./objects";

describe("an engine's preview", () => {
    const urn = (type: string, name: string) => `urn:pulumi:dev::mesh::${type}::${name}`;
    const state = (type: string, inputs: object) => ({ type, custom: true, inputs });
    const type = "kubernetes:core/v1:ConfigMap";
    const step = (op: string, name: string, before?: object, after?: object, more: object = {}) => ({
        op,
        urn: urn(type, name),
        ...(before ? { oldState: state(type, before) } : {}),
        ...(after ? { newState: state(type, after) } : {}),
        ...more,
    });
    const one = object("ConfigMap", "shop/one");

    it("is taken at its word: what is made anew, deleted, the same", () => {
        const other = { ...one, data: { a: "1" } };
        const report = fromPreview(
            "dev",
            JSON.stringify({
                steps: [
                    step("same", "same", one, one),
                    step("update", "changed", one, other),
                    step("create-replacement", "anew", one, other, { replaceReasons: ["data"] }),
                    step("replace", "anew", one, other, { replaceReasons: ["data"] }),
                    step("delete-replaced", "anew", one),
                    step("create", "new", undefined, object("ConfigMap", "shop/new")),
                    step("delete", "gone", object("ConfigMap", "shop/gone")),
                ],
            }),
        );
        assert.deepEqual(report.changes.map(({ operation }) => operation).sort(), [
            "changed",
            "created",
            "deleted",
            "replaced",
        ]);
        assert.deepEqual(report.changes.find(({ operation }) => operation === "replaced")?.because, ["data"]);
    });

    it("is read as the engine writes it", () => {
        // Recorded: Pulumi 3.260, preview --json --show-sames. It does not say there what the outputs would be.
        const recorded = readFileSync("tests/fixtures/preview/pulumi-3.260.json", "utf8");
        const { concerns, changes, outputs } = fromPreview("dev", recorded);
        assert.deepEqual(
            concerns.map(({ topic, text }) => `${topic}: ${text}`),
            [
                "controlPlane: ServiceMeshControlPlane istio-system/basic changes (`spec.security.dataPlane.mtls`): " +
                    "its operator restarts the components that this concerns",
                "mtlsLoosened: mTLS of the whole mesh: `strict` → `permissive`: callers without a sidecar are answered, in plain text",
                "policyLoosened: `shop/cart` lets in more callers: `namespaces shop` → `namespaces shop, web`",
                "hostChanged: host of `shop/cart`: `cart.apps.example.com` → `basket.apps.example.com`; the old one is cut off",
                "lost: ConfigMap shop/cart-1 gives way to ConfigMap shop/cart-2: `data.a`, `metadata.name`",
                "lost: RandomPassword shop/cart/password is made anew: `length`",
                "lost: Secret shop/cart-env is made anew: `data`, `stringData`",
                "lost: Service shop/old is deleted: callers inside the cluster no longer find it",
            ],
        );
        assert.ok(changes.some(({ operation, is }) => operation === "created" && is.title === "Service shop/new"));
        assert.deepEqual(outputs, []);
    });

    it("shows no secret, and what is not known yet as such", () => {
        const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", plaintext: "hush" };
        const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
        const after = { ...one, data: { a: secret, b: unknown } };
        const text = page("", [fromPreview("dev", JSON.stringify({ steps: [step("update", "x", one, after)] }))]);
        assert.doesNotMatch(text, /hush|04da6b54/);
        assert.match(text, /\[secret\]/);
        assert.match(text, /\[unknown\]/);
    });

    for (const [what, text] of [
        ["no JSON", "Previewing update (dev)"],
        ["no steps", "{}"],
    ]) {
        it(`is refused in words when it is none: ${what}`, () =>
            assert.throws(() => fromPreview("dev", text), /wanted is what `pulumi preview --json` writes/));
    }
});
