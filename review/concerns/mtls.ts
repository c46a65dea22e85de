import { type Declared, ofKind, type Picture } from "../picture";
import { code, type Concern, type Finder, fromTo } from "./concern";

const MODES = ["off", "permissive", "strict"] as const;
type Mode = (typeof MODES)[number];

/** Istio's words for them (istio.io/api, security/v1beta1, PeerAuthentication). */
const WORDS: Record<string, Mode> = { DISABLE: "off", PERMISSIVE: "permissive", STRICT: "strict" };

/** Where plain text is taken that was refused before, or the other way round. */
export const mtls: Finder = ({ before, after }) => {
    const [was, will] = [modes(before), modes(after)];
    const mesh = was.get(MESH);
    // A mesh that comes or goes is told as such.
    if (mesh === undefined || !will.has(MESH)) {
        return plainCalls(before, after);
    }
    const places = [...new Set([...was.keys(), ...will.keys()])].sort();
    return [
        ...places.flatMap((place) => {
            // Where nothing is said, what holds for the whole mesh does.
            const [one, other] = [was.get(place) ?? mesh, will.get(place) ?? (will.get(MESH) as Mode)];
            const follows = place !== MESH && one === mesh && other === will.get(MESH);
            return one === other || follows ? [] : [changed(place, one, other)];
        }),
        ...plainCalls(before, after),
    ];
};

const MESH = "the whole mesh";

function changed(place: string, before: Mode, after: Mode): Concern {
    const looser = MODES.indexOf(after) < MODES.indexOf(before);
    const means = {
        off: "sidecars speak plain text",
        permissive: "callers without a sidecar are answered, in plain text",
        strict: "callers without a sidecar are refused",
    };
    return {
        topic: looser ? "mtlsLoosened" : "mtlsTightened",
        warns: true,
        text: `mTLS of ${place}: ${fromTo(before, after)}: ${means[after]}`,
    };
}

/** The mode of the whole mesh and of each place that has one of its own. */
function modes(picture: Picture): Map<string, Mode> {
    const roots = rootsOf(picture);
    const policies = ofKind(picture, "PeerAuthentication");
    const meshWide = policies.find(
        ({ namespace = "", body }) => roots.includes(namespace) && body.spec?.selector === undefined,
    );
    const mesh =
        picture.outputs.controlPlane?.mtls ??
        ofKind(picture, "ServiceMeshControlPlane").map(ofControlPlane)[0] ??
        WORDS[meshWide?.body.spec?.mtls?.mode];
    const result = new Map<string, Mode>();
    if (MODES.includes(mesh)) {
        result.set(MESH, mesh);
    }
    for (const policy of policies.filter((p) => p !== meshWide)) {
        for (const [place, mode] of ofPolicy(policy)) {
            result.set(place, mode);
        }
    }
    return result;
}

/** Where what is said holds for a whole mesh: the namespace of its control plane. */
function rootsOf(picture: Picture): unknown[] {
    return [
        picture.outputs.controlPlane?.namespace,
        ...ofKind(picture, "ServiceMeshControlPlane").map(({ namespace }) => namespace),
        ...ofKind(picture, "Istio").map(({ body }) => body.spec?.namespace),
    ];
}

/** maistra/istio-operator: spec.istio.global.mtls of v1, spec.security.dataPlane of v2. */
function ofControlPlane({ body: { spec } }: Declared): Mode {
    const v1 = spec?.istio?.global?.mtls;
    const { mtls: enabled, automtls: auto } = spec?.security?.dataPlane ?? { mtls: v1?.enabled, automtls: v1?.auto };
    return enabled === true ? "strict" : auto === true ? "permissive" : "off";
}

function ofPolicy({ title, namespace, body: { spec } }: Declared): [string, Mode][] {
    const ports = Object.entries<{ mode?: string }>(spec?.portLevelMtls ?? {});
    const where = spec?.selector === undefined ? `namespace ${code(namespace)}` : title;
    return [[where, spec?.mtls?.mode] as const, ...ports.map(([p, m]) => [`${title}, port ${p}`, m.mode] as const)]
        .filter(([, mode]) => mode !== undefined && mode in WORDS)
        .map(([place, mode]) => [place, WORDS[mode as string]]);
}

/** Callers that from now on speak plain text to somebody, because a DestinationRule says so. */
function plainCalls(before: Picture, after: Picture): Concern[] {
    const was = new Set(ofKind(before, "DestinationRule").filter(isPlain).map(hostOf));
    return ofKind(after, "DestinationRule")
        .filter((rule) => isPlain(rule) && !was.has(hostOf(rule)))
        .map((rule) => ({
            topic: "mtlsLoosened",
            warns: true,
            text: `calls to ${code(hostOf(rule))} go in plain text (${rule.title})`,
        }));
}

function isPlain({ body }: Declared): boolean {
    return body.spec?.trafficPolicy?.tls?.mode === "DISABLE";
}

function hostOf({ body }: Declared): string {
    return String(body.spec?.host);
}
