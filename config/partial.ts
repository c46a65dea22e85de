/** Schemas of overrides: the same keys as something else, none of them required and none with a default. */
import { z } from "zod";
import { object } from "./fields";

export type DeepPartial<T> = T extends readonly unknown[]
    ? T
    : T extends object
      ? { [K in keyof T]?: DeepPartial<T[K]> | undefined }
      : T;

/** The same schema, in which every key may be left out and then stays away. */
export function partial<S extends z.ZodType>(schema: S): z.ZodOptional<z.ZodType<DeepPartial<z.output<S>>>> {
    const inner = bare(schema);
    const loosened = inner instanceof z.ZodObject ? object(mapValues(inner.shape, partial)) : inner;
    const description = (schema.description ?? "").replace(/ ?(Default|Required)\b.*$/s, "");
    return loosened.optional().describe(description) as never;
}

/** Without defaults and optionality. */
function bare(schema: z.ZodType): z.ZodType {
    return schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional
        ? bare(schema.def.innerType as z.ZodType)
        : schema;
}

function mapValues(shape: z.ZodRawShape, change: (schema: z.ZodType) => z.ZodType): Record<string, z.ZodType> {
    return Object.fromEntries(Object.entries(shape).map(([key, schema]) => [key, change(schema as z.ZodType)]));
}
