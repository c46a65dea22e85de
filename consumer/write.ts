/**
 * Command line: writes consumer/lib, what other projects load: plain JavaScript with types, since Node and Pulumi's own
 * loader take no TypeScript from node_modules.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

export const LIB = join(__dirname, "lib");
const SOURCES = ["contract.ts", "check.ts", "index.ts"];
const OPTIONS: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.CommonJS,
};

/** The files of consumer/lib, text by name. Errors: a source whose types cannot be told without the others. */
export function libFiles(): Record<string, string> {
    return Object.fromEntries(
        SOURCES.flatMap((name) => {
            const source = readFileSync(join(__dirname, name), "utf8");
            const program = ts.transpileModule(source, { compilerOptions: OPTIONS, fileName: name });
            const types = ts.transpileDeclaration(source, { compilerOptions: OPTIONS, fileName: name });
            const [problem] = types.diagnostics ?? [];
            if (problem) {
                throw new Error(`${name}: ${ts.flattenDiagnosticMessageText(problem.messageText, "\n")}`);
            }
            const base = name.replace(/\.ts$/, "");
            return [
                [`${base}.js`, program.outputText],
                [`${base}.d.ts`, types.outputText],
            ];
        }),
    );
}

if (require.main === module) {
    mkdirSync(LIB, { recursive: true });
    for (const [name, text] of Object.entries(libFiles())) {
        writeFileSync(join(LIB, name), text);
    }
}
