/**
 * Command line: writes what is made from the schema, mesh.schema.json (`schema`), the table in docs/configuration.md and the
 * template of a stack file (`docs`).
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stackFileSchema } from "./json-schema";
import { withConfigTable } from "./reference";
import { templateText } from "./template";

export const ROOT = join(__dirname, "..");
export const SCHEMA_FILE = join(ROOT, "mesh.schema.json");
export const REFERENCE_FILE = join(ROOT, "docs", "configuration.md");
export const TEMPLATE_FILE = join(ROOT, "docs/stack-template.yaml");

/** The text of mesh.schema.json. */
export function schemaText(): string {
    return `${JSON.stringify(stackFileSchema(), undefined, 2)}\n`;
}

const COMMANDS: Record<string, () => void> = {
    schema: () => writeFileSync(SCHEMA_FILE, schemaText()),
    docs: () => {
        writeFileSync(REFERENCE_FILE, withConfigTable(readFileSync(REFERENCE_FILE, "utf8")));
        writeFileSync(TEMPLATE_FILE, templateText());
    },
};

if (require.main === module) {
    for (const name of process.argv.slice(2)) {
        const command = COMMANDS[name];
        if (command === undefined) {
            console.error(`unknown command ${name}: one of ${Object.keys(COMMANDS).join(", ")}`);
            process.exitCode = 1;
        } else {
            command();
        }
    }
}
