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

function problemOf(home: string, { group = "", kind = "Secret", name, namespace = home }: any, secrets: KubeObject[]) {
    const written = `${group}/${kind}/${namespace === home ? "" : namespace}.${name}`.replace("/.", "/");
    if (group !== "" || kind !== "Secret") {
        return invalid(`invalid certificate reference ${written}, only secret is allowed`);
    }
    if (namespace !== home) {
        return {
            status: "False",
            reason: "RefNotPermitted",
            message:
                `certificateRef ${name}/${namespace} not accessible to a Gateway in namespace "${home}" ` +
                "(missing a ReferenceGrant? this lab goes by none)",
        } satisfies Verdict;
    }
    const found = credentialOf(secrets, namespace, name);
    return "why" in found ? invalid(`invalid certificate reference ${written}, ${found.why}`) : undefined;
}

function invalid(message: string): Verdict {
    return { status: "False", reason: "InvalidCertificateRef", message };
}
