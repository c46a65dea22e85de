import { deepEqual, equal, match } from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { Authority } from "../../../lab/control-plane/certificates";
import { RouterWithPods } from "./router/pods";

interface Answer {
    status?: number;
    location?: string;
    body: string;
    broken?: string;
}

describe("the router's port for TLS", () => {
    let lab: RouterWithPods;
    let inside: Authority;

    before(async () => {
        lab = await RouterWithPods.open();
        inside = await Authority.create("inside");
        await lab.pod("plain");
        await lab.pod("secure", await inside.issue("pod", ["whoever"]));
    });
    afterEach(() => lab.routes.splice(0));
    after(() => lab.close());

    const ask = (url: string, host: string, ca?: string): Promise<Answer> =>
        new Promise((resolve) => {
            const { hostname, port } = new URL(url);
            const at = { host: hostname, port, agent: false, headers: { host } };
            const sent = ca === undefined ? httpRequest(at) : httpsRequest({ ...at, ca, servername: host });
            sent.once("response", (response) => {
                let body = "";
                response.setEncoding("utf8");
                response.on("data", (chunk: string) => (body += chunk));
                const { statusCode: status, headers } = response;
                response.once("end", () => resolve({ status, location: headers.location, body }));
            });
            sent.once("error", (error: NodeJS.ErrnoException) =>
                resolve({ body: "", broken: error.code ?? error.message }),
            );
            sent.end();
        });
    const overTls = (host: string, ca = lab.authority.cert) => ask(lab.ports.tls, host, ca);
    const inPlain = (host: string) => ask(lab.ports.plain, host);

    it("edge: ends here with the router's certificate, and says to the pod that it was https", async () => {
        lab.route("a.apps.example.com", "plain", { termination: "edge" });
        const { status, body } = await overTls("a.apps.example.com");
        deepEqual([status, JSON.parse(body)], [200, { name: "plain", proto: "https" }]);
    });

    it("edge with the Route's own certificate, and another one when it changes", async () => {
        const host = "shop.example.org";
        const own = await Authority.create("own");
        const { cert: certificate, key } = await own.issue(host, [host]);
        const route = lab.route(host, "plain", { termination: "edge", certificate, key });
        equal((await overTls(host, own.cert)).status, 200);
        const other = await Authority.create("other");
        const pair = await other.issue(host, [host]);
        route.spec.tls = { termination: "edge", certificate: pair.cert, key: pair.key };
        route.metadata.resourceVersion = "2";
        equal((await overTls(host, other.cert)).status, 200);
        match((await overTls(host, own.cert)).broken ?? "", /CERT|SIGNATURE|VERIFY/i);
    });

    const insecure: [policy: string | undefined, status: number, location?: string][] = [
        ["Allow", 200],
        ["Redirect", 302, "https://a.apps.example.com/"],
        ["None", 503],
        [undefined, 503],
    ];
    for (const [insecureEdgeTerminationPolicy, status, location] of insecure) {
        it(`plain text to an edge Route, insecureEdgeTerminationPolicy ${insecureEdgeTerminationPolicy}`, async () => {
            lab.route("a.apps.example.com", "plain", { termination: "edge", insecureEdgeTerminationPolicy });
            const answer = await inPlain("a.apps.example.com");
            deepEqual([answer.status, answer.location], [status, location]);
        });
    }

    it("passthrough: the pod's own certificate is seen, and it sees the name", async () => {
        const pods = await inside.issue("p", ["p.apps.example.com"]);
        await lab.pod("own", pods);
        lab.route("p.apps.example.com", "own", { termination: "passthrough" });
        const { status, body } = await overTls("p.apps.example.com", inside.cert);
        deepEqual([status, JSON.parse(body)], [200, { name: "own", asked: "p.apps.example.com" }]);
        equal((await inPlain("p.apps.example.com")).status, 503);
    });

    it("reencrypt: the pod is believed by its CA only, and is not told a name", async () => {
        const tls = { termination: "reencrypt", destinationCACertificate: inside.cert };
        lab.route("r.apps.example.com", "secure", tls);
        const { status, body } = await overTls("r.apps.example.com");
        deepEqual([status, JSON.parse(body)], [200, { name: "secure", asked: false, proto: "https" }]);
        lab.routes[0].spec.tls.destinationCACertificate = lab.authority.cert;
        equal((await overTls("r.apps.example.com")).status, 503);
        delete lab.routes[0].spec.tls.destinationCACertificate;
        equal((await overTls("r.apps.example.com")).status, 503);
        lab.route("q.apps.example.com", "plain", tls);
        equal((await overTls("q.apps.example.com")).status, 503);
    });

    it("a Route without TLS, and a host that nobody has: 503 with the router's certificate", async () => {
        lab.route("a.apps.example.com", "plain");
        equal((await overTls("a.apps.example.com")).status, 503);
        equal((await overTls("nobody.apps.example.com")).status, 503);
        equal((await inPlain("a.apps.example.com")).status, 200);
    });

    it("who speaks no TLS there is cut off; one that dribbles is heard out", async () => {
        lab.route("a.apps.example.com", "plain", { termination: "edge" });
        equal((await ask(lab.ports.tls.replace("https", "http"), "a.apps.example.com")).broken, "ECONNRESET");
        const { hostname, port } = new URL(lab.ports.tls);
        const dribbled = await new Promise<string>((resolve) => {
            // The beginning of a ClientHello and nothing more: the connection stays open until the client goes.
            const socket = connect(Number(port), hostname, () => socket.write(Buffer.from([22, 3, 1, 0, 200, 1])));
            socket.once("close", () => resolve("closed"));
            setTimeout(() => resolve("open"), 50).unref();
            setTimeout(() => socket.destroy(), 60).unref();
        });
        equal(dribbled, "open");
    });
});
