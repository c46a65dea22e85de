import assert from "node:assert/strict";
import { join } from "node:path";
import { loadConfig } from "../../../config/load";
import { readStackFile } from "../../../config/stack-file";
import { environmentOf } from "../../../graph/environment";
import { mermaid } from "../../../graph/mermaid";
import { environment, many, ROOT, service } from "./sample";

describe("the picture as Mermaid", () => {
    const lines = (text: string): string[] => text.split("\n").map((line) => line.trim());

    it("of dev: hosts through the gateway, the refused one crossed, exceptions past it", () => {
        const text = lines(mermaid(environmentOf("dev", loadConfig(readStackFile(join(ROOT, "Pulumi.dev.yaml"))))));
        for (const line of [
            "flowchart LR",
            "gateway_0 --> svc_microsvc_1sample__caller",
            'gateway_0 -.-x|"refused"| svc_microsvc_1sample__sample',
            'any_microsvc_1sample -->|"may call"| svc_microsvc_1sample__sample',
            'elhost_microsvc_1sample__caller -.->|"past the mesh"| el_microsvc_1sample__caller',
        ]) {
            assert.ok(text.includes(line), line);
        }
    });

    it("has every box that an arrow names, and a box closed for each that is opened", () => {
        const text = lines(mermaid(many(20)));
        const made = new Set(text.flatMap((line) => /^(?:subgraph )?(\w+) ?[[(]/.exec(line)?.[1] ?? []));
        for (const line of text.filter((one) => / (-->|-\.)/.test(one))) {
            const [, from, to] = /^(\w+) .* (\w+)$/.exec(line) ?? [];
            assert.ok(made.has(from) && made.has(to), line);
        }
        const opened = text.filter((line) => line.startsWith("subgraph ")).length;
        assert.equal(text.filter((line) => line === "end").length, opened);
    });

    it("different things have different ids", () => {
        const { services } = { services: { "a-b": service(), a1b: service() } };
        const text = mermaid(environment({ shop: { services } }));
        assert.match(text, /svc_shop__a_1b\[/);
        assert.match(text, /svc_shop__a1b\[/);
    });
});
