import { type PolicyResource, type ResourceValidationArgs, UnknownValueError } from "@pulumi/policy";
import type { Declared } from "./rule";
import { UNKNOWN } from "./values";

type Given = Pick<ResourceValidationArgs | PolicyResource, "type" | "name" | "urn" | "props"> & {
    opts: { protect: boolean };
};

/** A resource as the engine shows it to a policy, as rules see it. */
export function fromEngine({ type, name, urn, props, opts }: Given): Declared {
    return { type, name, urn, props: reveal(props) as Record<string, unknown>, opts: { protect: opts.protect } };
}

/** A plain copy. The SDK throws where a value is read that is not known; here it has a value that says so. */
function reveal(value: unknown): unknown {
    if (typeof value !== "object" || value === null) {
        return value;
    }
    const read = (key: string | number): unknown => {
        try {
            return reveal((value as Record<string | number, unknown>)[key]);
        } catch (error) {
            if (error instanceof UnknownValueError) {
                return UNKNOWN;
            }
            throw error;
        }
    };
    return Array.isArray(value)
        ? Array.from({ length: value.length }, (_, i) => read(i))
        : Object.fromEntries(Object.keys(value).map((key) => [key, read(key)]));
}
