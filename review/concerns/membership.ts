import { ofKind, type Picture } from "../picture";
import { at, code, type Concern, type Finder } from "./concern";

/** The label by which a pod stays reachable past the mesh (maistra/istio-operator, networkpolicy.yaml). */
const EXPOSED = ["maistra.io/expose-route"];

/** Namespaces that join or leave the mesh, and exceptions that end. */
export const membership: Finder = ({ before, after, changes }) => {
    const [was, will] = [before, after].map(membersOf);
    // A mesh that comes or goes is told as such.
    const known = was.length > 0 && will.length > 0;
    return [
        ...was
            .filter((name) => known && !will.includes(name))
            .map((name) =>
                warning(`namespace ${code(name)} leaves the mesh: its pods lose their sidecars' control plane`),
            ),
        ...will
            .filter((name) => known && !was.includes(name))
            .map((name): Concern => ({
                topic: "rest",
                warns: true,
                text: `namespace ${code(name)} joins the mesh: Routes past it stop working, but for exceptions`,
            })),
        ...changes
            .filter(({ operation, is }) => operation === "deleted" && is.patch && isException(is.body))
            .map(({ is }): Concern => {
                const text = `${is.title} is no exception any more: the mesh cuts off the Route to it`;
                return { topic: "hostLost", warns: true, text };
            }),
    ];
};

/** The label by which a mesh of generation 3 knows its members (openshift-service-mesh/sail-operator). */
const DISCOVERY = "istio-discovery";

/** As the stack tells it, else as its objects say. */
function membersOf(picture: Picture): string[] {
    const { members } = picture.outputs;
    if (Array.isArray(members)) {
        return members;
    }
    const labelled = picture.declared.filter(
        ({ kind, patch, body }) => kind === "Namespace" && patch && DISCOVERY in (body.metadata?.labels ?? {}),
    );
    return [
        ...ofKind(picture, "ServiceMeshMemberRoll").flatMap(({ body }) => (body.spec?.members ?? []) as string[]),
        ...ofKind(picture, "ServiceMeshMember").map(({ namespace = "" }) => namespace),
        ...labelled.map(({ name }) => name),
    ];
}

function isException(body: object): boolean {
    return EXPOSED.some((label) => at(body, "metadata.labels")?.[label] !== undefined);
}

function warning(text: string): Concern {
    return { topic: "membership", warns: true, text };
}
