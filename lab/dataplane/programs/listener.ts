import { randomUUID } from "node:crypto";
import { createServer } from "node:http";

/** In the place of Tekton's event sink: takes what is sent to it (202), and starts nothing. */

const argument = (name: string): string => process.argv[process.argv.indexOf(name) + 1] ?? "";

const server = createServer((request, response) => {
    request.resume().once("end", () => {
        const body = {
            eventListener: argument("-el-name"),
            namespace: argument("-el-namespace"),
            eventID: randomUUID(),
        };
        console.log(`${new Date().toISOString()} ${request.method} ${request.url} ${body.eventID}`);
        const text = JSON.stringify(body);
        const length = Buffer.byteLength(text);
        response.writeHead(202, { "content-type": "application/json", "content-length": length }).end(text);
    });
});
server.listen(Number(process.env.SERVER_PORT), process.env.SERVER_ADDRESS);
process.once("SIGTERM", () => server.close(() => process.exit(0)));
