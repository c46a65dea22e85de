import { z } from "zod";
import { outsideDev } from "../levels";
import {
    type Declared,
    isKind,
    judgeEach,
    notJudged,
    objectOf,
    resourceRule,
    stackRule,
    versionOf,
    wrong,
} from "../rule";
import { every, find, get, type Maybe, same, UNKNOWN } from "../values";

const REMEDY = "set mesh:controlPlane.mtls: strict";

/** Where a ServiceMeshControlPlane says it (maistra/istio-operator, docs/crd). */
const SWITCH: Record<string, string[]> = {
    v1: ["spec", "istio", "global", "mtls", "enabled"],
    v2: ["spec", "security", "dataPlane", "mtls"],
};

/** Nothing in the mesh is spoken to in plain text. */
export const mtlsStrict = resourceRule({
    name: "mtls-strict",
    description: "Mutual TLS is strict, and no policy loosens it.",
    level: outsideDev,
    settings: z.object({}),
    judge(resource) {
        if (isKind(resource, "maistra.io", "ServiceMeshControlPlane")) {
            const path = SWITCH[versionOf(resource)] ?? SWITCH.v2;
            const value = get(resource.props, ...path);
            const where = path.join(".");
            return value === UNKNOWN
                ? [notJudged(where)]
                : value === true
                  ? []
                  : [wrong(`${objectOf(resource)} takes plain text (${where} is ${value ?? "not set"}): ${REMEDY}`)];
        }
        return isKind(resource, "security.istio.io", "PeerAuthentication") ? loosened(resource) : [];
    },
});

function loosened(resource: Declared) {
    const ports = get(resource.props, "spec", "portLevelMtls");
    const perPort = typeof ports === "object" ? Object.keys(ports ?? {}) : [];
    const modes = [["spec", "mtls", "mode"], ...perPort.map((port) => ["spec", "portLevelMtls", port, "mode"])];
    return judgeEach(
        [...modes.flatMap((path) => find(resource.props, ...path)), ...unknownPorts(ports)],
        // UNSET is what a wider policy says (istio.io/api, security/v1beta1/peer_authentication.proto).
        (mode, path) =>
            mode === "STRICT" || mode === "UNSET"
                ? undefined
                : `${objectOf(resource)} lets plain text in (${path} is ${mode}): ${REMEDY}, for all services`,
    );
}

function unknownPorts(ports: unknown) {
    return ports === UNKNOWN ? [{ path: "spec.portLevelMtls", value: UNKNOWN }] : [];
}

/** Istio by itself takes both (istio.io/api, security/v1beta1/peer_authentication.proto): strictness has to be said. */
export const mtlsMeshWide = stackRule({
    name: "mtls-mesh-wide",
    description: "A mesh of generation 3 has a mesh-wide PeerAuthentication that is STRICT.",
    level: outsideDev,
    settings: z.object({}),
    judgeStack(resources) {
        const policies = resources.filter((r) => isKind(r, "security.istio.io", "PeerAuthentication"));
        return resources
            .filter((r) => isKind(r, "sailoperator.io", "Istio"))
            .flatMap((of) => {
                const root = get(of.props, "spec", "namespace") ?? "istio-system";
                const found = policies.map((policy) => isMeshWide(policy, root));
                if (found.includes(true)) {
                    return [];
                }
                const message =
                    `${objectOf(of)} has no PeerAuthentication with mtls.mode STRICT for all of ` +
                    `${root === UNKNOWN ? "its namespace" : String(root)}: ${REMEDY}`;
                const finding = found.includes(UNKNOWN) ? notJudged("a PeerAuthentication") : wrong(message);
                return [{ ...finding, of }];
            });
    },
});

function isMeshWide({ props }: Declared, root: unknown): Maybe {
    const selector = get(props, "spec", "selector");
    const all = selector === UNKNOWN ? UNKNOWN : Object.keys((selector as object | undefined) ?? {}).length === 0;
    const strict = same(get(props, "spec", "mtls", "mode"), "STRICT");
    return every([all, strict, same(get(props, "metadata", "namespace"), root)]);
}
