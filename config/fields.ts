/**
 * The kinds of values that a configuration is made of. Each carries the words for what it allows, so that every wrong
 * value is reported the same way, and each takes what Pulumi hands over: numbers and booleans may arrive as text.
 */
import { z } from "zod";
import { nearQuantity, parseQuantity, QUANTITY_PATTERN } from "./quantity";

/** Joins the keys of an object in the message of its "unknown key" issue. */
export const KEY_SEPARATOR = ", ";

interface TextRules {
    pattern?: RegExp;
    max?: number;
    /** Beyond the pattern. */
    test?: (value: string) => boolean;
    /** A remedy for a value that was refused. */
    hint?: (value: string) => string | undefined;
}

/** Text for which `allowed` says what it may be. */
export function text(allowed: string, rules: TextRules = {}) {
    const { pattern, max = 1024 * 1024, test, hint } = rules;
    const schema = z.string({ error: allowed }).superRefine((value, ctx) => {
        if (value.length > max || pattern?.test(value) === false || test?.(value) === false) {
            ctx.addIssue({ code: "custom", message: allowed, params: { hint: hint?.(value) } });
        }
    });
    return pattern === undefined ? schema : schema.meta({ pattern: pattern.source });
}

/** Text that may also be written as a number or boolean, which YAML makes of 8080 or true. */
export function loose(schema: ReturnType<typeof text>) {
    return z.preprocess(
        (value) => (typeof value === "number" || typeof value === "boolean" ? String(value) : value),
        schema.meta({ type: ["string", "number", "boolean"] }),
    );
}

/** true or false. */
export function flag() {
    const read = (value: unknown) => (value === "true" ? true : value === "false" ? false : value);
    const written = { type: ["boolean", "string"], enum: [true, false, "true", "false"] };
    return z.preprocess(read, z.boolean({ error: "true or false" }).meta(written));
}

/** A whole number from `min` to `max`. */
export function integer(min: number, max: number, what: string) {
    const error = `${what}, ${min} to ${max}`;
    return z.preprocess(readNumber, z.int({ error }).min(min, { error }).max(max, { error }));
}

/** A number from `min` to `max`, fractions allowed. */
export function decimal(min: number, max: number, what: string) {
    const error = `${what}, ${min} to ${max}`;
    return z.preprocess(readNumber, z.number({ error }).min(min, { error }).max(max, { error }));
}

function readNumber(value: unknown): unknown {
    return typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

/** One of a few words. */
export function choice<const T extends readonly [string, ...string[]]>(
    values: T,
    error = `one of ${values.join(", ")}`,
) {
    return z.enum(values, { error });
}

/** One of a few words that look like numbers, which is what YAML and `pulumi config set --path` then make of them. */
export function numberedChoice<const T extends readonly [string, ...string[]]>(values: T) {
    return z.preprocess((value) => (typeof value === "number" ? String(value) : value), choice(values));
}

/** An object with these keys and no others. */
export function object<T extends z.ZodRawShape>(shape: T) {
    const keys = Object.keys(shape).join(KEY_SEPARATOR);
    return z.strictObject(shape, {
        error: (issue) => (issue.code === "unrecognized_keys" ? keys : `an object with the keys ${keys}`),
    });
}

/** A map from names to values of one kind. */
export function map<K extends ReturnType<typeof text>, V extends z.ZodType>(names: K, values: V, what: string) {
    return z.record(names, values, { error: `an object: ${what}` });
}

/** A list of at least one. */
export function list<T extends z.ZodType>(items: T, what: string) {
    return z.array(items, { error: what }).min(1, { error: `${what}, at least one` });
}

const LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
const LABEL_PATTERN = new RegExp(`^${LABEL}$`);
const SUBDOMAIN_PATTERN = new RegExp(`^${LABEL}(\\.${LABEL})*$`);

function lowerCase(value: string): string | undefined {
    const lower = value.toLowerCase().replaceAll("_", "-");
    return lower !== value && SUBDOMAIN_PATTERN.test(lower) ? `did you mean ${lower}?` : undefined;
}

/** A DNS-1123 label: namespaces, containers, Gateways whose name becomes the value of a label. */
export function label(what: string) {
    const allowed = `${what}: lower-case letters, digits and "-", at most 63`;
    return text(allowed, { pattern: LABEL_PATTERN, hint: lowerCase });
}

/** A DNS-1035 label, which must begin with a letter: Services. */
export function serviceName(what: string) {
    const allowed = `${what}: lower-case letters, digits and "-", beginning with a letter, at most 63`;
    return text(allowed, { pattern: /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/, hint: lowerCase });
}

/** A DNS-1123 subdomain: most objects of Kubernetes. */
export function subdomain(what: string) {
    const allowed = `${what}: lower-case letters, digits, "-" and ".", at most 253`;
    return text(allowed, { pattern: SUBDOMAIN_PATTERN, max: 253, hint: lowerCase });
}

/** A host: full, or a bare label that the apps domain is added to. */
export function host() {
    return text("a full host like cart.apps.example.com, or a bare label like cart", {
        pattern: SUBDOMAIN_PATTERN,
        max: 253,
        test: (value) => !/^[\d.]+$/.test(value),
        hint: (value) =>
            /^\w+:\/\//.test(value)
                ? "leave the scheme off"
                : value.startsWith("*")
                  ? "name each host"
                  : lowerCase(value),
    });
}

/** The domain that an OpenShift router answers for. */
export function domain() {
    return text("a domain like apps.example.com, or nothing to read it from the cluster", {
        pattern: new RegExp(`^$|^${LABEL}(\\.${LABEL})+$`),
        max: 253,
        hint: (value) => (value.startsWith("*.") ? `did you mean ${value.slice(2)}?` : lowerCase(value)),
    });
}

/** Cores: at least a thousandth, so that 100M in place of 100m is noticed. */
export function cpu() {
    return quantity("cores, like 100m or 0.5, from 1m to 1024", 0.001, 1024, (value) =>
        /^\d+M$/.test(value) ? value.replace("M", "m") : undefined,
    );
}

/** Bytes: at least one mebibyte or so, so that 128m (an eighth of a byte) in place of 128Mi is noticed. */
export function memory() {
    return quantity("bytes, like 128Mi or 1G, from 1M to 16Ti", 1e6, 16 * 1024 ** 4, (value) =>
        /^\d+m$/.test(value) ? value.replace("m", "Mi") : nearQuantity(value),
    );
}

function quantity(allowed: string, min: number, max: number, meant: (value: string) => string | undefined) {
    const fits = (value: string) => {
        const amount = parseQuantity(value);
        return amount !== undefined && amount >= min && amount <= max;
    };
    const rules: TextRules = {
        test: fits,
        hint: (value) => {
            const candidate = meant(value);
            return candidate !== undefined && fits(candidate) ? `did you mean ${candidate}?` : undefined;
        },
    };
    return z.preprocess(
        (value) => (typeof value === "number" ? String(value) : value),
        text(allowed, rules).meta({ type: ["string", "number"], pattern: QUANTITY_PATTERN }),
    );
}

/** Requests or limits. */
export function quantities() {
    return object({
        cpu: cpu().optional().describe("CPU in cores, e.g. 100m or 0.5. Default: not set."),
        memory: memory().optional().describe("Memory in bytes, e.g. 128Mi or 1G. Default: not set."),
    });
}

/** Whether pods of one kind are kept on different nodes. `beside` says more about where that holds. */
export function antiAffinity(beside = "") {
    return choice(["none", "preferred", "required"])
        .default("none")
        .describe(
            `Whether its pods are kept on different nodes${beside}. preferred: where that can be; required: a pod waits until ` +
                "there is another node, also while it is rolled out. Default: none.",
        );
}

/** The keys of a container's resources, to be spread into an object. */
export function resourceKeys(of: string, unset = "the operator's") {
    return {
        requests: quantities().optional().describe(`What ${of} is sure to get. Default: ${unset}.`),
        limits: quantities().optional().describe(`What ${of} may use at most. Default: ${unset}.`),
    };
}

const REPOSITORY = "[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*";
const REGISTRY = "([a-zA-Z0-9][-a-zA-Z0-9.]*(:\\d{1,5})?/)?";
const REFERENCE = `^${REGISTRY}${REPOSITORY}(/${REPOSITORY})*(:[\\w][\\w.-]{0,127})?(@sha256:[a-f0-9]{64})?$`;

/** A container image. Source of the syntax: distribution/reference, regexp.go. */
export function image() {
    return text("an image like registry.example.com/shop/cart:1.2, or with @sha256: and its 64 hexadecimal digits", {
        pattern: new RegExp(REFERENCE),
        max: 512,
        hint: (value) => (/^\w+:\/\//.test(value) ? "leave the scheme off" : undefined),
    });
}
