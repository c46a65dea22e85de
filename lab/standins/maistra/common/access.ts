import type { Kube, KubeObject } from "../../../../kube";
import type { AdmissionRequest } from "../../types";

/** A refusal in words; undefined: allowed. */
export type Refusal = string | undefined;

type User = AdmissionRequest["userInfo"];

/** Whoever names a namespace in a roll must be allowed to change pods there: everywhere, or in each that is new. */
export async function allowedToJoin(kube: Kube, user: User, added: string[]): Promise<Refusal> {
    if (await mayUpdatePods(kube, user)) {
        return undefined;
    }
    const verdicts = await Promise.all(added.map((namespace) => mayUpdatePods(kube, user, namespace)));
    const refused = added.filter((_, index) => !verdicts[index]);
    return refused.length > 0
        ? `user '${user.username}' does not have permission to access namespace(s): [${refused.join(" ")}]`
        : undefined;
}

/** Whoever joins by a member must have the right to "use" the control plane. */
export async function allowedToUse(kube: Kube, user: User, member: KubeObject): Promise<Refusal> {
    const { name, namespace } = member.spec.controlPlaneRef;
    const allowed = await review(kube, user, {
        verb: "use",
        group: "maistra.io",
        resource: "servicemeshcontrolplanes",
        name,
        namespace,
    });
    const problem = "does not have permission to use ServiceMeshControlPlane";
    return allowed ? undefined : `user '${user.username}' ${problem} ${namespace}/${name}`;
}

function mayUpdatePods(kube: Kube, user: User, namespace = ""): Promise<boolean> {
    return review(kube, user, { verb: "update", group: "", resource: "pods", namespace });
}

async function review(kube: Kube, user: User, resourceAttributes: object): Promise<boolean> {
    const answer = await kube.raw("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SubjectAccessReview",
        spec: { user: user.username, uid: user.uid, groups: user.groups, resourceAttributes },
    });
    return answer.status.allowed === true && answer.status.denied !== true;
}
