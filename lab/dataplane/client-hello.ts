import type { Socket } from "node:net";

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const RECORD_HEADER = 5;
const MOST_BYTES = 64 * 1_024;

/** What a client says first (RFC 8446, 4.1.2; RFC 6066, 3): the server's name, if it names one. */
export type Hello = { is: "hello"; name?: string } | { is: "incomplete" } | { is: "no TLS" };

/** Waits for a client's first words and leaves them to be read again. Undefined when it speaks no TLS, or goes. */
export function peekHello(socket: Socket): Promise<{ name?: string } | undefined> {
    return new Promise((resolve) => {
        let seen = Buffer.alloc(0);
        const end = (hello?: { name?: string }): void => {
            socket.off("readable", read).off("close", gone).off("error", gone);
            if (hello !== undefined) {
                socket.unshift(seen);
            }
            resolve(hello);
        };
        const gone = (): void => end();
        const read = (): void => {
            const chunk: Buffer | null = socket.read();
            seen = chunk === null ? seen : Buffer.concat([seen, chunk]);
            const hello = parseHello(seen);
            if (hello.is === "hello") {
                end({ name: hello.name });
            } else if (hello.is === "no TLS" || seen.length > MOST_BYTES) {
                end();
            }
        };
        socket.on("readable", read).once("close", gone).once("error", gone);
    });
}

export function parseHello(bytes: Buffer): Hello {
    const message = handshakeOf(bytes);
    if (!Buffer.isBuffer(message)) {
        return { is: message };
    }
    const reader = new Reader(message);
    const type = reader.number(1);
    if (type !== undefined && type !== CLIENT_HELLO) {
        return { is: "no TLS" };
    }
    const length = reader.number(3);
    if (length === undefined || reader.left < length) {
        return { is: "incomplete" };
    }
    // Version and random, session, cipher suites, compression.
    reader.skip(2 + 32);
    reader.block(1);
    reader.block(2);
    reader.block(1);
    return { is: "hello", name: serverName(reader.block(2)) };
}

/** The handshake's bytes, out of the records that carry them. */
function handshakeOf(bytes: Buffer): Buffer | "incomplete" | "no TLS" {
    const parts: Buffer[] = [];
    for (let at = 0; at < bytes.length;) {
        if (bytes[at] !== HANDSHAKE) {
            return parts.length === 0 ? "no TLS" : Buffer.concat(parts);
        }
        if (bytes.length < at + RECORD_HEADER) {
            break;
        }
        const length = bytes.readUInt16BE(at + 3);
        parts.push(bytes.subarray(at + RECORD_HEADER, at + RECORD_HEADER + length));
        at += RECORD_HEADER + length;
    }
    return parts.length === 0 ? "incomplete" : Buffer.concat(parts);
}

function serverName(extensions: Buffer | undefined): string | undefined {
    const reader = new Reader(extensions ?? Buffer.alloc(0));
    for (let type = reader.number(2); type !== undefined; type = reader.number(2)) {
        const body = reader.block(2);
        if (type === SERVER_NAME && body !== undefined) {
            const list = new Reader(new Reader(body).block(2) ?? Buffer.alloc(0));
            // Its type, of which there is one: a DNS name.
            list.skip(1);
            return list.block(2)?.toString("latin1").toLowerCase();
        }
    }
    return undefined;
}

class Reader {
    private at = 0;

    constructor(private readonly bytes: Buffer) {}

    get left(): number {
        return this.bytes.length - this.at;
    }

    skip(count: number): void {
        this.at += count;
    }

    number(size: number): number | undefined {
        if (this.left < size) {
            return undefined;
        }
        this.at += size;
        return this.bytes.readUIntBE(this.at - size, size);
    }

    /** What follows, after its length in so many bytes. */
    block(size: number): Buffer | undefined {
        const length = this.number(size);
        if (length === undefined || this.left < length) {
            return undefined;
        }
        this.at += length;
        return this.bytes.subarray(this.at - length, this.at);
    }
}
