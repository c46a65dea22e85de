import type { Environment } from "../model";
import { meshTitle } from "../words";
import { drawCalls, gutterOf } from "./calls";
import { type Box, Canvas, LINE, SMALL } from "./canvas";
import { drawPanels } from "./panels";
import { type Columns, cross, diamond, drawNamespace, namespaceHeight } from "./rows";
import { styles } from "./style";
import { escape } from "./text";

/** As wide as a README is shown. */
const WIDTH = 900;
const MARGIN = 16;
const GAP = 12;
const MESH_X = 284;
const MESH_HEAD = 46;

/**
 * The picture as SVG: operators and control planes above; below, from left to right, hosts, gateways, namespaces with their
 * services, and on the right who may call whom. Its columns stand where they stand whatever is in them: it is never wider
 * than a page, and a change of one thing changes no other place. A general layout would give neither.
 */
export function svg(environment: Environment, schemes?: "light" | "dark"): string {
    const canvas = new Canvas();
    const { stack, meshes, namespaces, calls } = environment;
    canvas.text(stack, MARGIN, 36, "text title");
    let y = drawPanels(canvas, environment, MARGIN, 56, WIDTH - 2 * MARGIN) + 22;
    const services = new Set(namespaces.flatMap((one) => one.services.map(({ id }) => id)));
    const gutter = gutterOf(calls, (id) => services.has(id));
    const right = WIDTH - MARGIN - gutter;
    const columns: Columns = {
        host: { x: MARGIN, width: 236 },
        gateway: { x: MESH_X + GAP, width: 14 },
        namespace: { x: MESH_X + 66, right: right - GAP },
    };
    canvas.text("hosts, through the router", MARGIN + 10, y + 36, "quiet small");
    const places = new Map<string, Box>();
    const draw = (mesh: number | undefined, top: number): number => {
        let at = top;
        for (const one of namespaces.filter((namespace) => namespace.mesh === mesh)) {
            drawNamespace(canvas, one, columns, at).forEach((box, id) => places.set(id, box));
            at += namespaceHeight(one, columns) + GAP;
        }
        return at;
    };
    meshes.forEach((mesh, at) => {
        const members = namespaces.filter((namespace) => namespace.mesh === at);
        const height =
            MESH_HEAD +
            members.reduce((sum, one) => sum + namespaceHeight(one, columns) + GAP, 0) +
            (members.length ? 0 : GAP);
        canvas.box("mesh", { x: MESH_X, y, width: right - MESH_X, height });
        canvas.text(`mesh ${mesh.name}: mutual TLS ${mesh.mtls}`, MESH_X + GAP, y + 19, "text strong");
        const gateway = `${mesh.gateway.service} in ${mesh.gateway.namespace}`;
        canvas.box("gateway", { x: MESH_X + GAP, y: y + 26, width: 14, height: 12 }, 4);
        canvas.text(gateway, MESH_X + GAP + 20, y + 36, "quiet small");
        draw(at, y + MESH_HEAD);
        y += height + GAP;
    });
    y = draw(undefined, y);
    drawCalls(canvas, calls, places, right, gutter);
    y = drawLegend(canvas, environment, y + 8);
    return document(environment, canvas, y + 6, schemes);
}

/** What the signs mean that are in the picture. */
function drawLegend(canvas: Canvas, { namespaces, calls }: Environment, y: number): number {
    const entries = new Set(namespaces.flatMap(({ services }) => services.map(({ entry }) => entry)));
    const signs: [boolean, string, (x: number, middle: number) => void][] = [
        [entries.has("open"), "requests from outside", (x, m) => canvas.path(`M${x} ${m}H${x + 28}`, "way", "way")],
        [entries.has("some"), "only some of them", (x, m) => diamond(canvas, x + 18, m)],
        [
            entries.has("refused"),
            "refused by a policy",
            (x, m) => {
                canvas.path(`M${x} ${m}H${x + 32}`, "refused dashed");
                cross(canvas, x + 16, m);
            },
        ],
        [
            namespaces.some(({ exceptions }) => exceptions.length > 0),
            "past the mesh",
            (x, m) => canvas.path(`M${x} ${m}H${x + 28}`, "past dotted", "way"),
        ],
        [
            calls.length > 0,
            "may call",
            (x, m) => {
                canvas.dot(x + 2, m, "head-call");
                canvas.path(`M${x} ${m}H${x + 28}`, "call", "call");
            },
        ],
    ];
    let x = MARGIN;
    const middle = y + LINE / 2;
    for (const [, text, draw] of signs.filter(([shown]) => shown)) {
        draw(x, middle);
        canvas.text(text, x + 40, middle + 4, "quiet small");
        x += 40 + text.length * SMALL * 0.56 + 22;
    }
    return y + LINE + 4;
}

function document(
    { stack, meshes, namespaces }: Environment,
    { lines }: Canvas,
    height: number,
    schemes?: "light" | "dark",
): string {
    const services = namespaces.reduce((sum, one) => sum + one.services.length, 0);
    const about = `${meshes.map((mesh) => `${mesh.name}, ${meshTitle(mesh)}`).join("; ")}; ${services} services`;
    const size = `width="${WIDTH}" height="${Math.ceil(height)}" viewBox="0 0 ${WIDTH} ${Math.ceil(height)}"`;
    return `${[
        `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-labelledby="title about">`,
        `<title id="title">${escape(`The mesh of the stack ${stack}`)}</title>`,
        `<desc id="about">${escape(about)}</desc>`,
        "<style>",
        ...styles(schemes),
        "</style>",
        "<defs>",
        ...(["way", "call"] as const).map(
            (kind) =>
                `<marker id="${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="head-${kind}" d="M0 0L8 4L0 8Z"/></marker>`,
        ),
        "</defs>",
        `<rect class="ground" width="${WIDTH}" height="${Math.ceil(height)}" rx="8"/>`,
        ...lines,
        "</svg>",
    ].join("\n")}\n`;
}
