import { RE2JS } from "re2js";
import { z } from "zod";

/** Parts that several kinds have. Every object is strict: an unknown field is refused, never skipped. */

const CONTROL = /[\u0000-\u001f\u007f]/;
const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const HOST = new RegExp(`^(\\*|(\\*\\.)?${LABEL}(\\.${LABEL})*)$`);

/** Text that Envoy takes anywhere, also in a header. */
export const text = z
    .string()
    .min(1, "must not be empty")
    .max(4_096, "is longer than 4096 characters")
    .refine((value) => !CONTROL.test(value), "holds a control character");

/** A DNS name, "*", or "*." and a DNS name. */
export const host = z
    .string()
    .transform((value) => value.toLowerCase())
    .refine((value) => HOST.test(value), "is no host name, and no wildcard of the form *.example.com");

export const port = z.int().min(1).max(65_535);

export const labels = z.record(z.string(), z.string());

/** Namespaces, "." for the own one, "*" for all. */
export const exportTo = z.array(text).default([]);

/** As RE2JS counts them. RE2 works on bytes, so that one step here may be some hundred there. */
const MOST_STEPS = 1_000;

/** RE2's dialect, which Envoy speaks. One bad expression would make it refuse every route of a listener. */
export const regex = text
    .refine((value) => stepsOf(value) !== undefined, {
        error: "is no regular expression in RE2's dialect",
        abort: true,
    })
    .refine((value) => (stepsOf(value) ?? 0) <= MOST_STEPS, "is too big a regular expression");

function stepsOf(expression: string): number | undefined {
    try {
        return RE2JS.compile(expression).programSize();
    } catch {
        return undefined;
    }
}

const UNITS: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
const DURATION = /^(\d+(\.\d+)?(h|ms|m|s))+$/;
const LONGEST_MS = 365 * 24 * UNITS.h;

/** A duration as Go writes it ("1m30s", "250ms"), in milliseconds. */
export const duration = z
    .string()
    .regex(DURATION, "is no duration such as 10s or 250ms")
    .transform(milliseconds)
    .refine((value) => value <= LONGEST_MS, "is longer than a year");

function milliseconds(value: string): number {
    const parts = value.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g);
    return Math.round([...parts].reduce((sum, [, number, unit]) => sum + Number(number) * UNITS[unit], 0));
}
