import { deepEqual, equal } from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { connect } from "node:tls";
import { parseHello } from "../../../lab/dataplane/client-hello";

/** What a client of Node's says first. */
function hello(options: object): Promise<Buffer> {
    return new Promise((resolve) => {
        const server = createServer((socket) => {
            socket.on("error", () => undefined);
            socket.once("data", (data) => {
                socket.destroy();
                server.close();
                resolve(data);
            });
        });
        server.listen(0, "127.0.0.1", () => {
            const { port } = server.address() as AddressInfo;
            connect({ host: "127.0.0.1", port, ...options }).on("error", () => undefined);
        });
    });
}

describe("a TLS client's first words", () => {
    it("name the server, in lower case, or nobody", async () => {
        deepEqual(parseHello(await hello({ servername: "Sample.Apps.Example.com" })), {
            is: "hello",
            name: "sample.apps.example.com",
        });
        deepEqual(parseHello(await hello({ maxVersion: "TLSv1.2", servername: "old" })), { is: "hello", name: "old" });
        deepEqual(parseHello(await hello({})), { is: "hello", name: undefined });
    });

    it("may come in pieces", async () => {
        const bytes = await hello({ servername: "sample" });
        for (let length = 0; length < bytes.length; length++) {
            equal(parseHello(bytes.subarray(0, length)).is, "incomplete", `${length} of ${bytes.length} bytes`);
        }
    });

    it("may come in several records", async () => {
        const bytes = await hello({ servername: "sample" });
        const [one, two] = [bytes.subarray(5, 40), bytes.subarray(40)];
        const record = (part: Buffer) =>
            Buffer.concat([Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part]);
        deepEqual(parseHello(Buffer.concat([record(one), record(two)])), { is: "hello", name: "sample" });
        equal(parseHello(record(one)).is, "incomplete");
    });

    it("may be something else", () => {
        equal(parseHello(Buffer.from("GET / HTTP/1.1\r\n")).is, "no TLS");
        equal(parseHello(Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0])).is, "no TLS");
    });
});
