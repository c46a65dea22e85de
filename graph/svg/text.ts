/** Widths of letters in parts of the font's size: for fonts of any kind, so rather too wide. */
const WIDTHS = { sans: 0.6, mono: 0.605 };

export type Font = keyof typeof WIDTHS;

export function widthOf(text: string, font: Font, size: number): number {
    return [...text].length * WIDTHS[font] * size;
}

/** Lines that fit, broken at blanks; in a word that is too long, behind the marks that names are made of, or anywhere. */
export function wrap(text: string, width: number, font: Font, size: number): string[] {
    const most = Math.max(4, Math.floor(width / (WIDTHS[font] * size)));
    const lines = [""];
    for (const part of (text.match(/\S+\s*/g) ?? [""]).flatMap((word) => parts(word, most))) {
        const last = lines[lines.length - 1];
        if (last !== "" && lengthOf(last + part) > most) {
            lines.push(part);
        } else {
            lines[lines.length - 1] += part;
        }
    }
    return lines.map((line) => line.trimEnd());
}

function parts(word: string, most: number): string[] {
    if (lengthOf(word) <= most) {
        return [word];
    }
    const named = word.match(/[^./:-]*[./:-]+\s*|[^./:-]+/g) ?? [word];
    return named.flatMap((part) => (lengthOf(part) <= most ? [part] : cut(part, most)));
}

function cut(part: string, most: number): string[] {
    const letters = [...part];
    const count = Math.ceil(letters.length / most);
    return Array.from({ length: count }, (_, i) => letters.slice(i * most, (i + 1) * most).join(""));
}

function lengthOf(text: string): number {
    return [...text.trimEnd()].length;
}

export function escape(text: string): string {
    return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
