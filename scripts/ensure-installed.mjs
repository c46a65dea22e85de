// Plain JavaScript, since it runs before anything is installed: installs the npm packages where they are missing or
// older than package-lock.json, and does nothing otherwise.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const wanted = join(root, "package-lock.json");
const installed = join(root, "node_modules", ".package-lock.json");

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(wanted).mtimeMs) {
    console.error("installing npm packages");
    const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
    const windows = process.platform === "win32";
    const { status, error } = spawnSync(windows ? "npm.cmd" : "npm", args, {
        cwd: root,
        stdio: "inherit",
        shell: windows,
    });
    if (error || status !== 0) {
        console.error(error?.message ?? `npm ${args.join(" ")} failed`);
        process.exit(status || 1);
    }
}
