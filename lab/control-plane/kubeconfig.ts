import { stringify } from "yaml";

/** The text of a kubeconfig with one cluster and one user, who has a token. */
export function kubeconfigText(o: { server: string; authority: string; user: string; token: string }): string {
    const name = "mesh-lab";
    return stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": name,
        clusters: [
            {
                name,
                cluster: {
                    server: o.server,
                    "certificate-authority-data": Buffer.from(o.authority).toString("base64"),
                },
            },
        ],
        users: [{ name: o.user, user: { token: o.token } }],
        contexts: [{ name, context: { cluster: name, user: o.user } }],
    });
}
