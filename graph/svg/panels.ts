import type { Environment, MeshBox, OperatorBox } from "../model";
import { type Canvas, LINE, SIZE, SMALL } from "./canvas";
import { type Font, wrap } from "./text";

interface Row {
    key: string;
    /** Each on a line of its own, at least. */
    values: string[];
    /** Which of them are names. */
    mono: "key" | "value";
}

interface Panel {
    title: string;
    rows: Row[];
    keyWidth: number;
}

const GAP = 28;
const PAD = 12;

/** Operators on the left, control planes on the right; returns where they end. */
export function drawPanels(canvas: Canvas, environment: Environment, x: number, y: number, width: number): number {
    const half = (width - GAP) / 2;
    const operators = {
        title: environment.operators.length === 0 ? "no operators" : "operators",
        rows: environment.operators.map(operatorRow),
        keyWidth: 162,
    };
    const left = drawPanel(canvas, operators, x, y, half);
    const right = x + half + GAP;
    let below = y;
    for (const mesh of environment.meshes) {
        const middle = below + 18;
        canvas.path(
            `M${x + half} ${y + 18}${middle === y + 18 ? "" : `H${x + half + 14}V${middle}`}H${right - 2}`,
            "way",
            "way",
        );
        below = drawPanel(canvas, meshPanel(mesh), right, below, half) + 12;
    }
    return Math.max(left, below - 12);
}

function operatorRow({ package: name, channel, namespace, approval, theirs }: OperatorBox): Row {
    const source = channel ? `channel ${channel}` : "default channel";
    const values = theirs
        ? ["another team's, used as it is"]
        : [approval === "Manual" ? `${source}, manual approval` : source, namespace];
    return { key: name, values, mono: "key" };
}

function meshPanel(mesh: MeshBox): Panel {
    const row = (key: string, value: string): Row => ({ key, values: [value], mono: "value" });
    const names: Record<string, string> = {
        roll: "the roll",
        member: "a ServiceMeshMember",
        selectors: "label",
        labels: "label",
    };
    return {
        title: `${mesh.next ? "next control plane" : "control plane"} ${mesh.name}`,
        keyWidth: 92,
        rows: [
            row("Service Mesh", [mesh.generation, mesh.version && `(${mesh.version})`].filter(Boolean).join(" ")),
            row("namespace", mesh.namespace),
            row("mutual TLS", mesh.mtls),
            row("tracing", mesh.tracing),
            row("members by", names[mesh.membership] ?? mesh.membership),
            ...Object.entries(mesh.consoles).map(([name, host]) => row(name, host)),
        ],
    };
}

function drawPanel(canvas: Canvas, { title, rows, keyWidth }: Panel, x: number, y: number, width: number): number {
    const laid = rows.map(({ key, values, mono }) => {
        const [keyFont, valueFont]: Font[] = mono === "key" ? ["mono", "sans"] : ["sans", "mono"];
        const size = (font: Font): number => (font === "mono" ? SIZE.mono : SMALL);
        const room = width - keyWidth - 2 * PAD;
        return {
            keys: wrap(key, keyWidth - 8, keyFont, size(keyFont)),
            values: values.flatMap((value) => wrap(value, room, valueFont, size(valueFont))),
            mono,
        };
    });
    const lines = laid.reduce((sum, { keys, values }) => sum + Math.max(keys.length, values.length), 0);
    const height = 28 + lines * LINE + (rows.length > 0 ? 8 : 0);
    canvas.box("panel", { x, y, width, height });
    canvas.text(title, x + PAD, y + 19, "text strong");
    let at = y + 28 + 10;
    for (const { keys, values, mono } of laid) {
        canvas.texts(keys, x + PAD, at, mono === "key" ? "text mono" : "quiet small");
        canvas.texts(values, x + PAD + keyWidth, at, mono === "value" ? "text mono" : "quiet small");
        at += Math.max(keys.length, values.length) * LINE;
    }
    return y + height;
}
