/** The schema of a stack file as JSON Schema, for editors. */
import { z } from "zod";
import { PREFIX } from "./raw";
import { schema } from "./schema";

export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** A value that `pulumi config set --secret` has encrypted. */
const ENCRYPTED: JsonSchema = {
    type: "object",
    description: "Encrypted by pulumi config set --secret.",
    properties: { secure: { type: "string" } },
    required: ["secure"],
    additionalProperties: false,
};

/** JSON Schema of the mesh's own keys, without `mesh:`. */
export function keysSchema(): JsonSchema {
    return z.toJSONSchema(schema, {
        io: "input",
        override: ({ zodSchema, jsonSchema }) => {
            // The library leaves defaults out wherever a value is also converted.
            const { def } = zodSchema._zod;
            if (def.type === "enum" && jsonSchema.enum?.every((value) => !Number.isNaN(Number(value)))) {
                // The library puts words that are whole numbers first.
                jsonSchema.enum.sort((a, b) => Number(a) - Number(b));
            }
            if (def.type === "default" || def.type === "prefault") {
                const value = (def as z.core.$ZodDefaultDef).defaultValue;
                if (!isEmptyObject(value)) {
                    jsonSchema.default = value as NonNullable<JsonSchema["default"]>;
                } else {
                    delete jsonSchema.default;
                }
            }
        },
    });
}

/** JSON Schema of a whole stack file. */
export function stackFileSchema(): JsonSchema {
    const { $schema: dialect, properties = {}, required = [] } = allowEncrypted(keysSchema());
    const prefixed = Object.fromEntries(Object.entries(properties).map(([key, value]) => [PREFIX + key, value]));
    return {
        ...(dialect === undefined ? {} : { $schema: dialect }),
        title: "Configuration of a mesh stack",
        description: "Pulumi.<stack>.yaml of this project.",
        type: "object",
        properties: {
            config: {
                type: "object",
                properties: prefixed,
                required: required.map((key) => PREFIX + key),
                // Keys of other namespaces, such as kubernetes:context, are not ours to judge.
                patternProperties: { "^(?!mesh:)[^:]+:.+$": {} },
                additionalProperties: false,
            },
            encryptionsalt: { type: "string" },
            encryptedkey: { type: "string" },
            secretsprovider: { type: "string" },
            environment: {},
        },
        required: ["config"],
    };
}

/** Lets secrets also be encrypted. */
function allowEncrypted(keys: JsonSchema): JsonSchema {
    const secrets = keys.properties?.["secrets"];
    const plain = typeof secrets === "object" ? secrets.additionalProperties : undefined;
    if (typeof secrets !== "object" || typeof plain !== "object") {
        throw new Error("the JSON Schema has no secrets by name");
    }
    return {
        ...keys,
        properties: {
            ...keys.properties,
            secrets: { ...secrets, additionalProperties: { anyOf: [plain, ENCRYPTED] } },
        },
    };
}

function isEmptyObject(value: unknown): boolean {
    return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}
