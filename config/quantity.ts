/** Kubernetes resource quantities: "100m", "0.5", "128Mi", "1G", "1e3". */

const SYNTAX = /^(\d+(?:\.\d*)?|\.\d+)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\d{1,2})?$/;

const DECIMAL: Record<string, number> = {
    n: 1e-9,
    u: 1e-6,
    m: 1e-3,
    k: 1e3,
    M: 1e6,
    G: 1e9,
    T: 1e12,
    P: 1e15,
    E: 1e18,
};
const BINARY = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** The syntax as a regular expression source, for editors. */
export const QUANTITY_PATTERN = SYNTAX.source;

/**
 * The value of a quantity in its base unit (cores, bytes), or nothing if it is not one.
 * Source of the syntax: kubernetes apimachinery, pkg/api/resource/quantity.go (`<quantity>` grammar).
 */
export function parseQuantity(text: string): number | undefined {
    const match = SYNTAX.exec(text);
    if (match === null) {
        return undefined;
    }
    const number = Number(match[1]);
    const suffix = match[2] ?? "";
    if (suffix === "") {
        return number;
    }
    if (Object.hasOwn(DECIMAL, suffix)) {
        return number * (DECIMAL[suffix] as number);
    }
    const power = BINARY.indexOf(suffix);
    return power >= 0 ? number * 1024 ** (power + 1) : Number(`${match[1]}${suffix}`);
}

/** A quantity that somebody who wrote a near miss may have meant: 128mi, 128MB, 1gb, 100 m. */
export function nearQuantity(text: string): string | undefined {
    const match = /^(\d+(?:\.\d+)?)\s*([kmgtpe])?(i)?(b|bytes)?$/i.exec(text.trim());
    if (match === null || match[2] === undefined) {
        return undefined;
    }
    const unit = match[2].toUpperCase();
    const candidate =
        match[3] === undefined && unit === "K" ? `${match[1]}k` : `${match[1]}${unit}${match[3] ? "i" : ""}`;
    return candidate !== text && parseQuantity(candidate) !== undefined ? candidate : undefined;
}
