import type { KubeObject } from "../../../../kube";
import { credentialOf } from "../../../dataplane/translate/credentials";
import type { Verdict } from "./conditions";

/** What is wrong with the certificates that a listener names; undefined when they are in order (buildTLS). */
export function certificateProblem(
    { metadata: { namespace = "" } }: KubeObject,
    tls: any,
    secrets: KubeObject[],
): Verdict | undefined {
    if (tls === undefined || tls.mode === "Passthrough") {
        return undefined;
    }
    const refs: any[] = tls.certificateRefs ?? [];
    const problems = refs.map((ref) => problemOf(namespace, ref, secrets));
    const [first] = problems.flatMap((problem) => problem ?? []);
    // Without any it is silently nobody's listener.
    return problems.some((problem) => problem === undefined) ? undefined : first;
}

function problemOf(home: string, ref: any, secrets: KubeObject[]): Verdict | undefined {
    const { group = "", kind = "Secret", name, namespace = home } = ref;
    const written = `${group}/${kind}/${name}.${ref.namespace ?? ""}`;
    if (group !== "" || kind !== "Secret") {
        return invalid(`invalid certificate reference ${written}, only secret is allowed`);
    }
    if (!secrets.some(({ metadata }) => metadata.namespace === namespace && metadata.name === name)) {
        return invalid(`invalid certificate reference ${written}, secret ${namespace}/${name} not found`);
    }
    const found = credentialOf(secrets, namespace, name);
    if ("why" in found) {
        const why = found.why.startsWith("the key") ? FOREIGN_KEY : NO_PEM;
        return invalid(`invalid certificate reference ${written}, the certificate is malformed: tls: ${why}`);
    }
    const where = `certificateRef ${name}/${namespace} not accessible to a Gateway in namespace "${home}"`;
    return namespace === home ? undefined : no("RefNotPermitted", `${where} ${NO_GRANT}`);
}

const FOREIGN_KEY = "private key does not match public key";
const NO_PEM = "failed to find any PEM data in certificate input";

/** A ReferenceGrant could allow it; the lab goes by none. */
const NO_GRANT = "(missing a ReferenceGrant?)";

function invalid(message: string): Verdict {
    return no("InvalidCertificateRef", message);
}

function no(reason: string, message: string): Verdict {
    return { status: "False", reason, message };
}
