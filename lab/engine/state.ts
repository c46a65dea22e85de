import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isMap, isSecret, type Props, SECRET, SIGNATURE, type Value } from "./values";

/** What the stand-in engine remembers of one resource. */
export interface ResourceState {
    urn: string;
    type: string;
    custom: boolean;
    id?: string;
    parent?: string;
    inputs: Props;
    outputs: Props;
    dependencies: string[];
    propertyDependencies: Record<string, string[]>;
    additionalSecretOutputs: string[];
    /** Another stack's; it is only read here. */
    external?: boolean;
    protect?: boolean;
    retainOnDelete?: boolean;
    deletedWith?: string;
    deleteTimeoutSeconds?: number;
    /** It exists, but did not become ready; the next run goes on awaiting it. */
    unfinished?: string;
    /** A successor has been made; this one is still to be deleted. */
    replaced?: boolean;
}

interface Stored {
    version: 1;
    resources: ResourceState[];
    /** Objects whose creation was begun: after a crash in between, finding the object there is no surprise. */
    creating: string[];
}

/**
 * The state of one stack, one JSON file of mode 0600, rewritten whole after each step, by rename, so that it is never
 * half a file. Secrets in it are encrypted with a key that lies beside it (mode 0600): that keeps them out of a file
 * that is shown or copied, not from anybody who can read the folder. Real environments belong to Pulumi.
 */
export class StateFile {
    resources: ResourceState[];
    readonly creating: Set<string>;
    private writing: Promise<void> | undefined;
    private again = false;

    private constructor(
        private readonly file: string,
        private readonly key: Buffer,
        stored: Stored,
    ) {
        this.resources = stored.resources;
        this.creating = new Set(stored.creating);
    }

    /** Errors: a file that is not such a state. */
    static open(file: string): StateFile {
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        const key = keyBeside(file);
        if (!existsSync(file)) {
            return new StateFile(file, key, { version: 1, resources: [], creating: [] });
        }
        const stored = JSON.parse(readFileSync(file, "utf8")) as Stored;
        if (stored.version !== 1) {
            throw new Error(`${file}: written by another version (${stored.version}) of the stand-in engine`);
        }
        const resources = stored.resources.map((r) => mapSecrets(r as unknown as Value, (v) => decrypt(v, key)));
        return new StateFile(file, key, { ...stored, resources: resources as unknown as ResourceState[] });
    }

    find(urn: string): ResourceState | undefined {
        return this.resources.find((r) => r.urn === urn && !r.replaced);
    }

    /** Puts a resource in its predecessor's place, or at the end. */
    put(resource: ResourceState): void {
        const at = this.resources.findIndex((r) => r.urn === resource.urn && !r.replaced);
        if (at < 0) {
            this.resources.push(resource);
        } else {
            this.resources[at] = resource;
        }
    }

    remove(resource: ResourceState): void {
        this.resources = this.resources.filter((r) => r !== resource);
    }

    /** Everything that spoke of one URN speaks of the other: what an alias does. */
    rename(from: string, to: string): void {
        const swap = (urn: string) => (urn === from ? to : urn);
        for (const resource of this.resources) {
            resource.urn = swap(resource.urn);
            resource.parent = resource.parent && swap(resource.parent);
            resource.deletedWith = resource.deletedWith && swap(resource.deletedWith);
            resource.dependencies = resource.dependencies.map(swap);
            for (const [key, urns] of Object.entries(resource.propertyDependencies)) {
                resource.propertyDependencies[key] = urns.map(swap);
            }
        }
    }

    /** Resolves once a file that holds everything up to now is in place. Calls that come meanwhile share a write. */
    async save(): Promise<void> {
        if (this.writing) {
            this.again = true;
            return this.writing;
        }
        this.writing = (async () => {
            try {
                do {
                    this.again = false;
                    await this.write();
                } while (this.again);
            } finally {
                this.writing = undefined;
            }
        })();
        return this.writing;
    }

    private async write(): Promise<void> {
        const stored: Stored = { version: 1, resources: this.resources, creating: [...this.creating] };
        const value = mapSecrets(stored as unknown as Value, (v) => encrypt(v, this.key));
        const temporary = `${this.file}.new`;
        const handle = await open(temporary, "w", 0o600);
        try {
            await handle.writeFile(`${JSON.stringify(value, undefined, 1)}\n`);
            await handle.sync();
        } finally {
            await handle.close();
        }
        await rename(temporary, this.file);
    }
}

function mapSecrets(value: Value, change: (secret: Props) => Value): Value {
    if (isSecret(value)) {
        return change(value);
    }
    if (Array.isArray(value)) {
        return value.map((v) => mapSecrets(v, change));
    }
    if (isMap(value)) {
        const pairs = Object.entries(value).filter(([, v]) => v !== undefined);
        return Object.fromEntries(pairs.map(([k, v]) => [k, mapSecrets(v, change)]));
    }
    return value;
}

function encrypt(envelope: Props, key: Buffer): Value {
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    const sealed = Buffer.concat([cipher.update(JSON.stringify(envelope.value)), cipher.final()]);
    const text = Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64");
    return { [SIGNATURE]: SECRET, ciphertext: text };
}

function decrypt(envelope: Props, key: Buffer): Value {
    const bytes = Buffer.from(String(envelope.ciphertext), "base64");
    const cipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
    cipher.setAuthTag(bytes.subarray(12, 28));
    const text = Buffer.concat([cipher.update(bytes.subarray(28)), cipher.final()]).toString("utf8");
    return { [SIGNATURE]: SECRET, value: JSON.parse(text) };
}

function keyBeside(file: string): Buffer {
    const path = join(dirname(file), "state.key");
    if (!existsSync(path)) {
        writeFileSync(path, randomBytes(32).toString("base64"), { mode: 0o600, flag: "wx" });
    }
    return Buffer.from(readFileSync(path, "utf8"), "base64");
}

/**
 * Takes the stack for this process: two runs at once would undo each other. A lock whose process is gone is taken
 * over. Returns what gives it back. Errors: another run holds it, with its process id.
 */
export function lockState(file: string): () => void {
    const path = `${file}.lock`;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    for (let attempt = 0; ; attempt++) {
        try {
            writeFileSync(path, String(process.pid), { flag: "wx", mode: 0o600 });
            return () => rmSync(path, { force: true });
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
                throw error;
            }
        }
        const holder = Number(readFileSync(path, "utf8"));
        if (attempt > 0 || (holder > 0 && isAlive(holder))) {
            throw new Error(`another run (process ${holder}) is at work on this stack; wait for it, or end it`);
        }
        rmSync(path, { force: true });
    }
}

function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "EPERM";
    }
}
