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
 * The mesh's certificate authority, in Citadel's place: made with the lab, its key nowhere but in memory. Leaves are
 * for one pod each.
 */
export class Identities {
    private count = 0;

    private constructor(
        private readonly authority: Authority,
        private readonly ca: string,
    ) {}

    static async create(folder: string): Promise<Identities> {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const authority = await Authority.create("mesh-lab mesh");
        const ca = join(folder, "ca.crt");
        writeFileWhole(ca, authority.cert);
        return new Identities(authority, ca);
    }

    /** Writes a certificate for a service account, and its key, to a folder. Files are readable by the owner only. */
    async issue(namespace: string, serviceAccount: string, folder: string): Promise<IdentityFiles> {
        const uri = `spiffe://cluster.local/ns/${namespace}/sa/${serviceAccount}`;
        const pair = await this.authority.issueIdentity(uri, LIFETIME_MS);
        const number = ++this.count;
        const files = { cert: join(folder, `cert-${number}.pem`), key: join(folder, `key-${number}.pem`), ca: this.ca };
        writeFileWhole(files.cert, pair.cert);
        writeFileWhole(files.key, pair.key);
        return files;
    }
}
