import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "../state";
import { Authority } from "./certificates";
import { kubeconfigText } from "./kubeconfig";

/** The files that the API server and the controller manager are started with. */
export interface ControlPlaneFiles {
    cert: string;
    key: string;
    tokens: string;
    /** Signs and checks the tokens of service accounts. */
    serviceAccountKey: string;
    /** The kubeconfigs of the controller manager and of the stand-ins, who are users of their own. */
    controllersKubeconfig: string;
    standInsKubeconfig: string;
    authority: string;
    adminToken: string;
}

const USERS = [
    { file: "kubeconfig", user: "lab-admin", groups: "system:masters" },
    { file: "kubeconfig-viewer", user: "viewer", groups: "" },
    { file: "pki/kubeconfig-controllers", user: "system:kube-controller-manager", groups: "system:masters" },
    { file: "pki/kubeconfig-stand-ins", user: "lab-stand-ins", groups: "system:masters" },
];

/**
 * Writes certificates, tokens and kubeconfigs of a new lab: `kubeconfig` is the administrator's, `kubeconfig-viewer`
 * that of a user without any rights.
 */
export async function writeFiles(paths: Paths, server: string): Promise<ControlPlaneFiles> {
    mkdirSync(paths.pki, { recursive: true, mode: 0o700 });
    const authority = await Authority.create("mesh-lab");
    const pair = await authority.issue("kube-apiserver", ["127.0.0.1", "localhost", "kubernetes.default.svc"]);
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const users = USERS.map((user) => ({ ...user, token: randomBytes(24).toString("base64url") }));
    for (const { file, user, token } of users) {
        write(join(paths.home, file), kubeconfigText({ server, authority: authority.cert, user, token }));
    }
    const tokens = users.map(({ user, token, groups }) => `${token},${user},${user},"${groups}"\n`).join("");
    return {
        cert: write(join(paths.pki, "apiserver.crt"), pair.cert),
        key: write(join(paths.pki, "apiserver.key"), pair.key),
        tokens: write(join(paths.pki, "tokens.csv"), tokens),
        serviceAccountKey: write(
            join(paths.pki, "service-account.key"),
            privateKey.export({ type: "sec1", format: "pem" }).toString(),
        ),
        controllersKubeconfig: join(paths.pki, "kubeconfig-controllers"),
        standInsKubeconfig: join(paths.pki, "kubeconfig-stand-ins"),
        authority: write(join(paths.pki, "ca.crt"), authority.cert),
        adminToken: users[0].token,
    };
}

function write(file: string, text: string): string {
    writeFileSync(file, text, { mode: 0o600 });
    return file;
}
