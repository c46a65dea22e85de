import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const HOUR_MS = 3_600_000;

export interface Identity {
    /** PEM. */
    cert: string;
    key: string;
}

/** A certificate authority for one test run. */
export class TestAuthority {
    private constructor(
        private readonly keys: webcrypto.CryptoKeyPair,
        readonly cert: string,
    ) {}

    static async create(): Promise<TestAuthority> {
        x509.cryptoProvider.set(webcrypto as any);
        const keys = await generate();
        const cert = await x509.X509CertificateGenerator.createSelfSigned({
            ...validity(),
            name: "CN=test",
            signingAlgorithm: ALGORITHM,
            keys,
            extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
        });
        return new TestAuthority(keys, cert.toString("pem"));
    }

    async issue(uri: string): Promise<Identity> {
        const keys = await generate();
        const cert = await x509.X509CertificateGenerator.create({
            ...validity(),
            subject: "CN=workload",
            issuer: "CN=test",
            publicKey: keys.publicKey,
            signingKey: this.keys.privateKey,
            signingAlgorithm: ALGORITHM,
            extensions: [new x509.SubjectAlternativeNameExtension([{ type: "url", value: uri }])],
        });
        const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
        return {
            cert: cert.toString("pem"),
            key: `-----BEGIN PRIVATE KEY-----\n${key.replace(/.{64}/g, "$&\n")}\n-----END PRIVATE KEY-----\n`,
        };
    }
}

async function generate(): Promise<webcrypto.CryptoKeyPair> {
    return (await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
}

function validity(): { notBefore: Date; notAfter: Date; serialNumber: string } {
    const now = Date.now();
    const serialNumber = Buffer.from(webcrypto.getRandomValues(new Uint8Array(8))).toString("hex");
    return { notBefore: new Date(now - HOUR_MS), notAfter: new Date(now + HOUR_MS), serialNumber: `1${serialNumber}` };
}
