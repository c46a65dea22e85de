import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** As much of an API server as says which groups it serves; whatever else is asked is not there. */
export async function fakeCluster(groups: string[]): Promise<{ server: string; close(): void }> {
    const answers: Record<string, object> = {
        "/version": { major: "1", minor: "18", gitVersion: "v1.18.3" },
        "/api": { kind: "APIVersions", versions: ["v1"] },
        "/apis": {
            kind: "APIGroupList",
            apiVersion: "v1",
            groups: groups.map((groupVersion) => {
                const [name, version] = groupVersion.split("/");
                const one = { groupVersion, version };
                return { name, versions: [one], preferredVersion: one };
            }),
        },
    };
    const notThere = { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", code: 404 };
    const server = createServer((request, response) => {
        const answer = answers[new URL(request.url ?? "/", "http://localhost").pathname];
        response.writeHead(answer ? 200 : 404, { "content-type": "application/json" });
        response.end(JSON.stringify(answer ?? notThere));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return { server: `http://127.0.0.1:${port}`, close: () => server.close() };
}

/** A kubeconfig for a server that lets everybody in. */
export function kubeconfigFor(server: string): string {
    return JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: "it", cluster: { server, "insecure-skip-tls-verify": true } }],
        users: [{ name: "me", user: { token: "none" } }],
        contexts: [{ name: "it", context: { cluster: "it", user: "me" } }],
        "current-context": "it",
    });
}
