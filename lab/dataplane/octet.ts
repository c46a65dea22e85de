import { createServer, type Server } from "node:net";

const FIRST = 10;
const LAST = 250;
/** Whoever listens here has the addresses 127.N.0.0/16 for himself. */
const PORT = 15_999;

/** The second octet of a lab's addresses, held until it is released or the process ends. */
export interface Octet {
    number: number;
    release(): void;
}

/**
 * Takes an octet that no other lab on this machine has. Errors: the system has no loopback addresses but 127.0.0.1
 * (macOS, unless they were added), or none is free.
 */
export async function takeOctet(): Promise<Octet> {
    const count = LAST - FIRST + 1;
    // Any start will do; one that depends on the process keeps labs that start together apart.
    const start = process.pid % count;
    for (let i = 0; i < count; i++) {
        const number = FIRST + ((start + i) % count);
        const server = await listen(`127.${number}.255.254`);
        if (server !== undefined) {
            return { number, release: () => server.close() };
        }
    }
    throw new Error(`other labs have all the addresses from 127.${FIRST}.0.0 to 127.${LAST}.255.255`);
}

function listen(host: string): Promise<Server | undefined> {
    return new Promise((resolve, reject) => {
        const server = createServer((socket) => socket.destroy());
        server.unref();
        server.once("listening", () => resolve(server));
        server.once("error", (error: NodeJS.ErrnoException) => {
            if (error.code === "EADDRINUSE") {
                resolve(undefined);
            } else {
                reject(new Error(`this system has no address ${host}: ${error.message}`));
            }
        });
        server.listen(PORT, host);
    });
}
