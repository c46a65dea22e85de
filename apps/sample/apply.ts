import type { FieldError } from "../shared/http";

/** An application to a store. */
export interface Application {
    user_name: string;
    store_id: number;
    store_name: string;
}

const MAX_LENGTH = 255;

/** Everything that is wrong with a body; nothing when it is an Application. Other fields are let pass. */
export function problemsOf(body: unknown): FieldError[] {
    if (typeof body !== "object" || body === null || Array.isArray(body)) {
        return [{ field: "", message: "must be an object with user_name, store_id and store_name" }];
    }
    const { user_name, store_id, store_name } = body as Record<string, unknown>;
    return [...text("user_name", user_name), ...positive("store_id", store_id), ...text("store_name", store_name)];
}

function text(field: string, value: unknown): FieldError[] {
    if (value === undefined || value === null) {
        return [{ field, message: "is missing" }];
    }
    if (typeof value !== "string" || value.trim() === "") {
        return [{ field, message: "must be text that is not empty" }];
    }
    return value.length > MAX_LENGTH ? [{ field, message: `must have at most ${MAX_LENGTH} characters` }] : [];
}

function positive(field: string, value: unknown): FieldError[] {
    if (value === undefined || value === null) {
        return [{ field, message: "is missing" }];
    }
    return Number.isSafeInteger(value) && (value as number) > 0
        ? []
        : [{ field, message: "must be a whole number above 0" }];
}
