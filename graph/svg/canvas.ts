import { escape, type Font } from "./text";

/** Collects elements, one a line, so that a change of one thing is a change of its lines. */
export class Canvas {
    readonly lines: string[] = [];

    box(what: string, at: Box, round = 6): void {
        const { x, y, width, height } = at;
        this.lines.push(
            `<rect class="${what}" x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="${round}"/>`,
        );
    }

    text(text: string, x: number, y: number, how = "text"): void {
        this.lines.push(`<text class="${how}" x="${n(x)}" y="${n(y)}">${escape(text)}</text>`);
    }

    /** Lines of text, one below the other; returns where the next would be. */
    texts(lines: string[], x: number, y: number, how: string, height = LINE): number {
        lines.forEach((line, i) => this.text(line, x, y + i * height, how));
        return y + lines.length * height;
    }

    /** @param head of the arrow at its end */
    path(d: string, how: string, head?: "way" | "call"): void {
        this.lines.push(`<path class="line ${how}" d="${d}"${head ? ` marker-end="url(#${head})"` : ""}/>`);
    }

    dot(x: number, y: number, how: string): void {
        this.lines.push(`<circle class="${how}" cx="${n(x)}" cy="${n(y)}" r="3"/>`);
    }
}

export interface Box {
    x: number;
    y: number;
    width: number;
    height: number;
}

export const LINE = 16;
export const SIZE: Record<Font, number> = { sans: 12, mono: 11.5 };
export const SMALL = 11;

/** At most one digit behind the point. */
export function n(value: number): string {
    return String(Math.round(value * 10) / 10);
}
