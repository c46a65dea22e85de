import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 50;

/** Delivers a growing file line by line until `ended` is settled and everything in it has been delivered. */
export async function tail(file: string, ended: Promise<unknown>, onLine: (line: string) => void): Promise<void> {
    let over = false;
    void ended.catch(() => undefined).finally(() => (over = true));
    let offset = 0;
    for (;;) {
        const last = over;
        const text = await readFrom(file, offset);
        offset += Buffer.byteLength(text);
        text.split("\n")
            .filter((line) => line !== "")
            .forEach(onLine);
        if (last) {
            return;
        }
        await sleep(POLL_MS);
    }
}

/** The whole lines that are there from a position on. */
async function readFrom(file: string, offset: number): Promise<string> {
    try {
        const handle = await open(file);
        try {
            const { size } = await handle.stat();
            const buffer = Buffer.alloc(Math.max(0, size - offset));
            const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
            const end = buffer.subarray(0, bytesRead).lastIndexOf("\n") + 1;
            return buffer.subarray(0, end).toString("utf8");
        } finally {
            await handle.close();
        }
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") {
            return "";
        }
        throw error;
    }
}
