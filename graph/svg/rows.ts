import type { Entry, NamespaceBox } from "../model";
import { besideName, wordsOf } from "../words";
import { type Box, type Canvas, LINE, SIZE, SMALL } from "./canvas";
import { widthOf, wrap } from "./text";

/** One service or exception: its host on the left, itself on the right. */
export interface Row {
    id: string;
    title: string[];
    beside: string;
    words: string[];
    host?: string[];
    tls?: string;
    entry?: Entry;
    exception: boolean;
    height: number;
}

/** Where the columns are. */
export interface Columns {
    host: { x: number; width: number };
    gateway: { x: number; width: number };
    namespace: { x: number; right: number };
}

const PAD = 10;
const ROW_GAP = 10;
const HEAD = 20;

export function rowsOf(namespace: NamespaceBox, columns: Columns): Row[] {
    const width = columns.namespace.right - columns.namespace.x - 4 * PAD;
    const services = namespace.services.map((service) => ({
        id: service.id,
        title: wrap(service.name, width - 60, "mono", SIZE.mono),
        beside: besideName(service),
        words: wordsOf(service).flatMap((line) => wrap(line, width, "sans", SMALL)),
        host: service.host,
        tls: service.tls,
        entry: service.entry,
        exception: false,
    }));
    const exceptions = namespace.exceptions.map(({ name, host }) => ({
        id: `listener ${namespace.name}/${name}`,
        title: wrap(`EventListener ${name}`, width, "mono", SIZE.mono),
        beside: "",
        words: ["no sidecar: its Route goes past the mesh"],
        host,
        exception: true,
    }));
    return [...services, ...exceptions].map((row) => {
        const host =
            row.host === undefined ? undefined : wrap(row.host, columns.host.width - 2 * PAD, "mono", SIZE.mono);
        const card = (row.title.length + row.words.length) * LINE + PAD;
        const pill = host === undefined ? 0 : pillHeight(host, "tls" in row ? row.tls : undefined);
        return { ...row, host, height: Math.max(card, pill) };
    });
}

function pillHeight(host: string[], tls: string | undefined): number {
    return (host.length + (tls ? 1 : 0)) * LINE + PAD;
}

export function headHeight(namespace: NamespaceBox, columns: Columns): number {
    return headLines(namespace, columns).length * LINE + HEAD - LINE + (namespace.gateway ? LINE : 0) + 4;
}

function headLines({ name }: NamespaceBox, { namespace }: Columns): string[] {
    return wrap(`namespace ${name}`, namespace.right - namespace.x - 2 * PAD, "mono", SIZE.mono);
}

export function namespaceHeight(namespace: NamespaceBox, columns: Columns): number {
    const rows = rowsOf(namespace, columns);
    const head = headHeight(namespace, columns);
    return rows.length === 0 ? head + 4 : head + rows.reduce((sum, { height }) => sum + height + ROW_GAP, 0);
}

/** Draws a namespace with what is in it and the ways in; returns where each thing is, by its id. */
export function drawNamespace(canvas: Canvas, box: NamespaceBox, columns: Columns, y: number): Map<string, Box> {
    const { x, right } = columns.namespace;
    const places = new Map<string, Box>();
    const height = namespaceHeight(box, columns);
    canvas.box(box.mesh === undefined ? "outside dashed" : "namespace", { x, y, width: right - x, height });
    const below = canvas.texts(headLines(box, columns), x + PAD, y + HEAD - 3, "text mono strong");
    if (box.gateway) {
        canvas.text(`Gateway ${box.gateway}`, x + PAD, below, "quiet small");
    }
    const head = headHeight(box, columns);
    places.set(box.name, { x, y, width: right - x, height: head });
    const rows = rowsOf(box, columns);
    drawGateway(canvas, rows, columns, y + head);
    let at = y + head;
    for (const row of rows) {
        const card = { x: x + PAD, y: at, width: right - x - 2 * PAD, height: row.height };
        drawRow(canvas, row, card, columns);
        places.set(row.id, card);
        at += row.height + ROW_GAP;
    }
    return places;
}

/** One bar beside all services that are reached from outside. */
function drawGateway(canvas: Canvas, rows: Row[], { gateway }: Columns, top: number): void {
    let at = top;
    const reached: { top: number; bottom: number }[] = [];
    for (const row of rows) {
        if (row.host !== undefined && !row.exception) {
            reached.push({ top: at, bottom: at + row.height });
        }
        at += row.height + ROW_GAP;
    }
    if (reached.length > 0) {
        const [from, to] = [reached[0].top, reached[reached.length - 1].bottom];
        canvas.box("gateway", { ...gateway, y: from, height: to - from }, 4);
    }
}

function drawRow(canvas: Canvas, row: Row, card: Box, columns: Columns): void {
    canvas.box(row.exception ? "outside dashed" : "service", card);
    const below = canvas.texts(row.title, card.x + PAD, card.y + 17, "text mono strong");
    if (row.beside) {
        const last = row.title[row.title.length - 1];
        canvas.text(row.beside, card.x + PAD + widthOf(last, "mono", SIZE.mono) + 8, below - LINE, "quiet small");
    }
    canvas.texts(row.words, card.x + PAD, below, "quiet small");
    if (row.host === undefined) {
        return;
    }
    const height = pillHeight(row.host, row.tls);
    const middle = card.y + card.height / 2;
    const pill = { ...columns.host, y: middle - height / 2, height };
    canvas.box(row.exception ? "outside dashed" : "host", pill, 10);
    const under = canvas.texts(row.host, pill.x + PAD, pill.y + 17, "text mono");
    if (row.tls) {
        canvas.text(`TLS: ${row.tls}`, pill.x + PAD, under, "quiet small");
    }
    drawWay(canvas, row, { from: pill.x + pill.width, to: card.x, middle }, columns);
}

function drawWay(
    canvas: Canvas,
    row: Row,
    { from, to, middle }: { from: number; to: number; middle: number },
    { gateway, namespace }: Columns,
): void {
    if (row.exception) {
        canvas.path(`M${from} ${middle}H${to - 2}`, "past dotted", "way");
        return;
    }
    canvas.path(`M${from} ${middle}H${gateway.x - 2}`, "way", "way");
    const out = gateway.x + gateway.width;
    const mark = (out + namespace.x) / 2;
    canvas.path(
        `M${out} ${middle}H${to - 2}`,
        row.entry === "refused" ? "refused dashed" : "way",
        row.entry === "refused" ? undefined : "way",
    );
    if (row.entry === "refused") {
        cross(canvas, mark, middle);
    } else if (row.entry === "some") {
        diamond(canvas, mark, middle);
    }
}

export function cross(canvas: Canvas, x: number, y: number): void {
    canvas.lines.push(`<circle class="mark refused" cx="${x}" cy="${y}" r="8" stroke-width="1.5"/>`);
    canvas.path(`M${x - 4} ${y - 4}L${x + 4} ${y + 4}M${x + 4} ${y - 4}L${x - 4} ${y + 4}`, "refused");
}

export function diamond(canvas: Canvas, x: number, y: number): void {
    canvas.lines.push(
        `<path class="mark way" stroke-width="1.5" d="M${x - 8} ${y}L${x} ${y - 7}L${x + 8} ${y}L${x} ${y + 7}Z"/>`,
    );
}
