import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Authority } from "../control-plane/certificates";
import { writeFileWhole } from "../state";

const DAY_MS = 24 * 3_600_000;

/** Files of one identity, all PEM. */
export interface IdentityFiles {
    cert: string;
    key: string;
    ca: string;
}

/**
 * The mesh's certificate authority, in Citadel's place: made with the lab, its key nowhere but in memory. Leaves are for
 * one pod each and hold for a day.
 */
export class Identities {
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
        const pair = await this.authority.issueIdentity(uri, DAY_MS);
        const files = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem"), ca: this.ca };
        writeFileWhole(files.cert, pair.cert);
        writeFileWhole(files.key, pair.key);
        return files;
    }
}
