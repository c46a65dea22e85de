import { join } from "node:path";
import { Authority, type KeyPair } from "../control-plane/certificates";
import { writeFileWhole } from "../state";

/** What a router shows to clients. */
export interface RouterFront {
    /** For all hosts below the domain; Routes may bring their own. */
    certificate: KeyPair;
    /** The file with the authority that clients have to trust. */
    ca: string;
}

/** Made with the lab, as OpenShift's ingress operator makes one for the default IngressController. */
export async function routerFront(folder: string, domain: string): Promise<RouterFront> {
    const authority = await Authority.create("mesh-lab router");
    const ca = join(folder, "router.crt");
    writeFileWhole(ca, authority.cert);
    return { certificate: await authority.issue(`*.${domain}`, [`*.${domain}`, domain]), ca };
}
