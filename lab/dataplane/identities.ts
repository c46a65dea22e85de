import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Authority } from "../control-plane/certificates";
import { writeFileWhole } from "../state";

/** Of a leaf; whoever has one asks for another in time. */
export const LIFETIME_MS = 24 * 3_600_000;

/** Files of one identity, all PEM. */
export interface IdentityFiles {
    cert: string;
    key: string;
    ca: string;
}

/**
 * The meshes' certificate authorities, in the place of Citadel and istiod: one for each root namespace, which control
 * planes in it share, as they share the Secret istio-ca-secret there. Their keys are nowhere but in memory. Leaves are
 * for one pod each.
 */
export class Identities {
    private count = 0;
    private readonly authorities = new Map<string, Promise<Authority>>();

    constructor(private readonly folder: string) {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
    }

    /** Writes a certificate for a service account, and its key, to a folder. Files are readable by the owner only. */
    async issue(root: string, namespace: string, serviceAccount: string, folder: string): Promise<IdentityFiles> {
        const uri = `spiffe://cluster.local/ns/${namespace}/sa/${serviceAccount}`;
        const ca = join(this.folder, `${root}.crt`);
        const authority = this.authorities.get(root) ?? this.found(root, ca);
        this.authorities.set(root, authority);
        const pair = await (await authority).issueIdentity(uri, LIFETIME_MS);
        const number = ++this.count;
        const files = { cert: join(folder, `cert-${number}.pem`), key: join(folder, `key-${number}.pem`), ca };
        writeFileWhole(files.cert, pair.cert);
        writeFileWhole(files.key, pair.key);
        return files;
    }

    private async found(root: string, ca: string): Promise<Authority> {
        const authority = await Authority.create(`mesh-lab ${root}`);
        writeFileWhole(ca, authority.cert);
        return authority;
    }
}
