import assert from "node:assert/strict";
import type { ProgressEvent } from "../../../lab/engine/driver";
import { csvInWords, linesOf } from "../../../scripts/screen/lines";
import { finish, newModel, take } from "../../../scripts/screen/model";
import { LogScreen } from "../../../scripts/screen/screen";
import { reportOf } from "../../../scripts/report";

const urn = (chain: string, name: string) => `urn:pulumi:dev::mesh::${chain}::${name}`;
const OPERATOR = urn("mesh:index:Operator", "kiali-ossm");
const SUBSCRIPTION = urn("mesh:index:Operator$kubernetes:operators.coreos.com/v1alpha1:Subscription", "kiali-ossm");
const PLANE = urn("mesh:index:ControlPlane", "basic-install");
const SMCP = urn("mesh:index:ControlPlane$kubernetes:maistra.io/v1:ServiceMeshControlPlane", "basic-install");
const SERVICE = urn("mesh:index:MeshedService", "shop/cart");
const DEPLOYMENT = urn("mesh:index:MeshedService$kubernetes:apps/v1:Deployment", "cart");
const GATEWAY = urn("mesh:index:Ingress$kubernetes:networking.istio.io/v1alpha3:Gateway", "shop");
const INGRESS = urn("mesh:index:Ingress", "shop");

type Phase = "start" | "done" | "failed";
const step = (of: string, phase: Phase, outputs?: Record<string, unknown>): ProgressEvent => ({
    type: "resource",
    urn: of,
    op: "create",
    phase,
    outputs,
});
const says = (of: string, text: string): ProgressEvent => ({
    type: "message",
    urn: of,
    severity: "info",
    text,
    ephemeral: true,
});
const phase = (name: "preview" | "update"): ProgressEvent => ({ type: "phase", phase: name });
const look: ProgressEvent = {
    type: "message",
    severity: "info",
    text: "look: 2 Routes will be managed",
    ephemeral: false,
};

const PREVIEW = [
    phase("preview"),
    look,
    ...[OPERATOR, PLANE, SERVICE, INGRESS].flatMap((c) => [step(c, "start"), step(c, "done")]),
    phase("update"),
];

/** The screen after some events, one second apart. */
function screen(events: ProgressEvent[], columns = 90): string[] {
    const model = newModel();
    events.forEach((event, i) => take(model, event, i * 1000));
    return linesOf(model, { now: events.length * 1000, columns, tick: 0 });
}

describe("the screen of npm start", () => {
    it("shows what the preview found as what is to come", () => {
        assert.deepEqual(
            screen(PREVIEW).map((l) => l.trimEnd()),
            [
                "✓ look             2 Routes will be managed",
                "  operators        kiali-ossm",
                "  control plane    basic-install",
                "  services         cart",
                "  ingress          shop",
            ],
        );
    });

    it("says what is awaited and for how long, and not twice how long", () => {
        const events = [
            ...PREVIEW,
            step(PLANE, "start"),
            step(SMCP, "start"),
            says(SMCP, "PausingInstall, 5 of 9 (48 s)"),
        ];
        const line = screen(events).find((l) => l.includes("control plane"))!;
        assert.match(line, /^⠋ control plane {4}PausingInstall, 5 of 9 +2 s$/);
    });

    it("puts the stages in the order in which they begin", () => {
        const events = [...PREVIEW, step(DEPLOYMENT, "start"), step(SUBSCRIPTION, "start")];
        assert.deepEqual(
            screen(events).map((l) => l.slice(2, 12).trim()),
            ["look", "services", "operators", "control pl", "ingress"],
        );
    });

    it("a stage is done when its components are complete, and tells what has come of it", () => {
        const begun = [
            ...PREVIEW,
            step(SUBSCRIPTION, "start"),
            step(SUBSCRIPTION, "done"),
            says(SUBSCRIPTION, "Installing"),
        ];
        assert.match(screen(begun).join("\n"), /⠋ operators +Installing/);
        const complete = [...begun, step(OPERATOR, "done", { csv: "kiali-operator.v1.12.15" })];
        assert.match(screen(complete).join("\n"), /✓ operators +kiali-operator 1.12.15 +3 s/);
    });

    it("services are done when the ingress begins: they are declared whole before their pods run", () => {
        const events = [...PREVIEW, step(DEPLOYMENT, "start"), step(DEPLOYMENT, "done"), step(SERVICE, "done", {})];
        assert.match(screen(events).join("\n"), /⠋ services/);
        assert.match(screen([...events, step(GATEWAY, "start")]).join("\n"), /✓ services/);
    });

    it("progress that comes late does not open a stage again", () => {
        const events = [
            ...PREVIEW,
            step(SMCP, "start"),
            step(SMCP, "done"),
            step(PLANE, "done", {}),
            says(SMCP, "reading"),
        ];
        assert.match(screen(events).join("\n"), /✓ control plane/);
    });

    it("marks the stage that failed", () => {
        const events = [...PREVIEW, step(SMCP, "start"), step(SMCP, "failed")];
        assert.match(screen(events).join("\n"), /✗ control plane/);
    });

    it("wraps nothing, however narrow the terminal", () => {
        const events = [...PREVIEW, says(SMCP, "x".repeat(300))];
        for (const columns of [60, 80, 200]) {
            assert.ok(screen(events, columns).every((line) => line.length <= columns));
        }
    });

    it("ends with nothing running", () => {
        const model = newModel();
        [...PREVIEW, step(SMCP, "start")].forEach((event) => take(model, event, 0));
        finish(model, true, 1000);
        assert.ok(model.stages.every((s) => s.state !== "running"));
    });
});

describe("the screen in a log", () => {
    function log(events: [number, ProgressEvent][]): string[] {
        const lines: string[] = [];
        let now = 0;
        const screen = new LogScreen(
            (line) => lines.push(line),
            () => now,
        );
        for (const [at, event] of events) {
            now = at;
            screen.take(event);
        }
        screen.close(true);
        return lines;
    }

    it("has a line when something changes, not when only time passes", () => {
        const lines = log([
            ...PREVIEW.map((event): [number, ProgressEvent] => [0, event]),
            [0, step(SMCP, "start")],
            [5_000, says(SMCP, "PausingInstall (5 s)")],
            [8_000, says(SMCP, "PausingInstall (8 s)")],
            [11_000, says(SMCP, "PausingInstall (11 s)")],
            [12_000, step(SMCP, "done")],
            [20_000, step(PLANE, "done", {})],
        ]);
        assert.deepEqual(lines.slice(1), [
            "✓ look             2 Routes will be managed",
            "… control plane    basic-install",
            "… control plane    PausingInstall (5 s)",
            "✓ control plane    basic-install (20 s)",
        ]);
    });

    it("has warnings in full", () => {
        const warning: ProgressEvent = { type: "message", severity: "warning", text: "take care", ephemeral: false };
        assert.ok(log([[0, warning]]).includes("  warning: take care"));
    });
});

describe("what npm start prints at the end", () => {
    it("is aligned, hosts first", () => {
        const lines = reportOf({
            urls: { sample: "http://sample.apps.example.com", ingressgateway: "http://i.apps.example.com" },
            controlPlane: { name: "basic-install", namespace: "istio-system", version: "v1.1", mtls: "strict" },
            members: ["a", "b"],
            operators: { "kiali-ossm": "kiali-operator.v1.12.15" },
        });
        assert.deepEqual(lines, [
            "sample           http://sample.apps.example.com",
            "ingressgateway   http://i.apps.example.com",
            "",
            "control plane   basic-install in istio-system, v1.1, mtls strict",
            "members         a, b",
            "operators       kiali-operator 1.12.15",
        ]);
    });

    it("reads versions out of CSV names, with and without a v", () => {
        assert.equal(
            csvInWords("elasticsearch-operator.4.5.0-202008100413.p0"),
            "elasticsearch-operator 4.5.0-202008100413.p0",
        );
        assert.equal(csvInWords("odd"), "odd");
    });
});
