import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const YEAR_MS = 365 * 24 * 3_600_000;

export interface KeyPair {
    /** PEM. */
    cert: string;
    key: string;
}

/** A certificate authority that lives as long as one lab, or one server of it. */
export class Authority {
    private constructor(
        private readonly keys: webcrypto.CryptoKeyPair,
        private readonly name: string,
        /** The authority's own certificate, PEM. */
        readonly cert: string,
    ) {}

    static async create(name: string): Promise<Authority> {
        x509.cryptoProvider.set(webcrypto as any);
        const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, [
            "sign",
            "verify",
        ])) as webcrypto.CryptoKeyPair;
        const cert = await x509.X509CertificateGenerator.createSelfSigned({
            ...validity(),
            name: `CN=${name}`,
            signingAlgorithm: ALGORITHM,
            keys,
            extensions: [
                new x509.BasicConstraintsExtension(true, undefined, true),
                new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
            ],
        });
        return new Authority(keys, `CN=${name}`, cert.toString("pem"));
    }

    /** A server certificate for these names and addresses. */
    async issue(name: string, hosts: string[]): Promise<KeyPair> {
        const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, [
            "sign",
            "verify",
        ])) as webcrypto.CryptoKeyPair;
        const cert = await x509.X509CertificateGenerator.create({
            ...validity(),
            subject: `CN=${name}`,
            issuer: this.name,
            publicKey: keys.publicKey,
            signingKey: this.keys.privateKey,
            signingAlgorithm: ALGORITHM,
            extensions: [
                new x509.SubjectAlternativeNameExtension(
                    hosts.map((host) => ({ type: /^[\d.]+$/.test(host) ? "ip" : "dns", value: host })),
                ),
                new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
            ],
        });
        return { cert: cert.toString("pem"), key: await privateKeyPem(keys) };
    }

    /** A certificate that names nothing but this URI, for both sides of a connection. */
    async issueIdentity(uri: string, forMs: number): Promise<KeyPair> {
        const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, [
            "sign",
            "verify",
        ])) as webcrypto.CryptoKeyPair;
        const cert = await x509.X509CertificateGenerator.create({
            ...validity(forMs),
            issuer: this.name,
            publicKey: keys.publicKey,
            signingKey: this.keys.privateKey,
            signingAlgorithm: ALGORITHM,
            extensions: [
                // Critical, since there is no other subject (RFC 5280, 4.2.1.6).
                new x509.SubjectAlternativeNameExtension([{ type: "url", value: uri }], true),
                new x509.ExtendedKeyUsageExtension([
                    x509.ExtendedKeyUsage.serverAuth,
                    x509.ExtendedKeyUsage.clientAuth,
                ]),
            ],
        });
        return { cert: cert.toString("pem"), key: await privateKeyPem(keys) };
    }
}

async function privateKeyPem(keys: webcrypto.CryptoKeyPair): Promise<string> {
    const der = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
    return x509.PemConverter.encode(der, "PRIVATE KEY");
}

function validity(forMs = YEAR_MS): { serialNumber: string; notBefore: Date; notAfter: Date } {
    const serialNumber = Buffer.from(webcrypto.getRandomValues(new Uint8Array(8))).toString("hex");
    // A clock that is set back a little must not make them invalid.
    return {
        serialNumber: `01${serialNumber}`,
        notBefore: new Date(Date.now() - 3_600_000),
        notAfter: new Date(Date.now() + forMs),
    };
}
