import type { KubeObject } from "../../kube";
import { condition, failed, MAKE_AGAIN, ready, type Snapshot, type Verdict, waiting, words } from "../verdict";

export const MEMBERSHIP_NAMES = ["rolls", "members", "namespaces"] as const;
export type MembershipSnapshot = Snapshot<(typeof MEMBERSHIP_NAMES)[number]>;

export interface MembershipWant {
    controlPlane: { namespace: string; name: string };
    /** The namespaces to be members. */
    namespaces: string[];
    /**
     * By the roll that this stack writes, with the namespaces' names or by their labels; by a ServiceMeshMember in each
     * namespace; where there is no roll, by the namespaces' labels alone; or by whatever another stack does about it, which
     * their labels show.
     */
    by: "roll" | "selectors" | "member" | "labels" | "platform";
    /** With `labels`, and with `platform` where labels are all that membership is: by namespace, the labels that it must carry. */
    labels?: Readonly<Record<string, Readonly<Record<string, string>>>>;
    /** The cluster's network type, if known. */
    networkType?: string;
    /** The network types that this generation's operator can isolate; absent: any. */
    networkTypes?: readonly string[];
}

export interface MembershipReady {
    configured: string[];
}

/**
 * Whether every wanted namespace is really a member: the operator has listed it as configured and labelled it. The
 * roll's Ready is not asked: it is False as long as any namespace of the roll is missing, also one that is not ours,
 * and flips after each change of the control plane (trap 22).
 */
export function judgeMembership(seen: MembershipSnapshot, want: MembershipWant): Verdict<MembershipReady> {
    const unsupported = judgeNetwork(want);
    if (unsupported) {
        return unsupported;
    }
    const configured = JUDGES[want.by](seen, want);
    const pending = want.namespaces.filter((n) => !configured.includes(n));
    if (pending.length === 0) {
        return ready(
            { configured: [...want.namespaces] },
            `${want.namespaces.length} of ${want.namespaces.length} namespaces configured`,
        );
    }
    const done = want.namespaces.length - pending.length;
    const parts = [`${done} of ${want.namespaces.length} namespaces`, ...pending.map((n) => why(seen, want, n))];
    if (want.by === "labels") {
        return waiting(parts.join(", "), MAKE_AGAIN);
    }
    if (want.by === "platform") {
        return waiting(parts.join(", "), [
            "The platform's stack takes these namespaces in; run up there:",
            "  pulumi stack output platform -s <platform>",
        ]);
    }
    return waiting(parts.join(", "), [
        "The operator's own log says why it does not configure a namespace:",
        "  oc logs -n openshift-operators deployment/istio-operator",
    ]);
}

const JUDGES: Record<MembershipWant["by"], (seen: MembershipSnapshot, want: MembershipWant) => string[]> = {
    roll: byRoll,
    selectors: byRoll,
    member: byMembers,
    labels: byLabels,
    platform: byPlatform,
};

/**
 * Operator 1.1 configures nothing at all on other networks, and says so only in its log (trap 45; IO@maistra-1.1.7
 * namespace_reconciler.go).
 */
function judgeNetwork({ networkType, networkTypes, controlPlane }: MembershipWant): Verdict<never> | undefined {
    if (networkType === undefined || networkTypes === undefined || networkTypes.includes(networkType)) {
        return undefined;
    }
    return failed({
        object: "Network cluster",
        found: networkType,
        expected: networkTypes.join(" or "),
        said: `unsupported network type: ${networkType}`,
        by: "the operator's log",
        todo: [
            `Control plane ${controlPlane.namespace}/${controlPlane.name} can have no members on this network.`,
            "Use a later generation of the mesh, or a cluster with one of those networks.",
        ],
    });
}

/**
 * What the roll lists as configured. Operator 2 lists members of a control plane that it has not installed yet, without
 * what it is to make in them (recorded: maistra25 M8a: meshReconciledVersion "-0").
 */
function byRoll(seen: MembershipSnapshot, want: MembershipWant): string[] {
    const { configuredMembers = [], meshReconciledVersion = "" } = roll(seen, want)?.status ?? {};
    return isInstalled(meshReconciledVersion) ? configuredMembers.filter((n: string) => isLabelled(seen, want, n)) : [];
}

/** "2.5.1-2": the operator's version, and the generation of the control plane. */
function isInstalled(meshReconciledVersion: string): boolean {
    return !meshReconciledVersion.startsWith("-");
}

/** Namespaces that are members, as far as they show it themselves. */
function byPlatform(seen: MembershipSnapshot, want: MembershipWant): string[] {
    return want.labels ? byLabels(seen, want) : want.namespaces.filter((name) => isLabelled(seen, want, name));
}

/** Namespaces that carry their labels. */
function byLabels(seen: MembershipSnapshot, want: MembershipWant): string[] {
    return want.namespaces.filter((name) => {
        const namespace = seen.namespaces.find((n) => n.metadata.name === name);
        return namespace && !namespace.metadata.deletionTimestamp && missingLabels(namespace, want).length === 0;
    });
}

function missingLabels({ metadata: { name, labels = {} } }: KubeObject, want: MembershipWant): string[] {
    const wanted = Object.entries(want.labels?.[name] ?? {});
    return wanted.filter(([key, value]) => labels[key] !== value).map(([key, value]) => `${key}=${value}`);
}

function roll(seen: MembershipSnapshot, want: MembershipWant) {
    return seen.rolls.find(
        (r) => r.metadata.namespace === want.controlPlane.namespace && r.metadata.name === "default",
    );
}

/** Namespaces whose ServiceMeshMember is Ready: Reconciled comes first and is not enough (recorded: maistra117 N2c). */
function byMembers(seen: MembershipSnapshot, want: MembershipWant): string[] {
    return want.namespaces.filter((n) => {
        const one = member(seen, n);
        const current = one?.status?.observedGeneration === one?.metadata.generation;
        const isReady = condition(one, "Ready")?.status === "True" && !one?.metadata.deletionTimestamp;
        return one && current && isReady && isInstalled(version(one)) && isLabelled(seen, want, n);
    });
}

function version(member: KubeObject): string {
    return member.status?.meshReconciledVersion ?? "";
}

function member(seen: MembershipSnapshot, namespace: string) {
    return seen.members.find((m) => m.metadata.namespace === namespace && m.metadata.name === "default");
}

/**
 * The operator labels a member just before it lists it (recorded: maistra117 N2a); a namespace made anew has lost its
 * label.
 */
function isLabelled(seen: MembershipSnapshot, want: MembershipWant, name: string): boolean {
    const namespace = seen.namespaces.find((n) => n.metadata.name === name);
    return namespace?.metadata.labels?.["maistra.io/member-of"] === want.controlPlane.namespace;
}

function why(seen: MembershipSnapshot, want: MembershipWant, name: string): string {
    const namespace = seen.namespaces.find((n) => n.metadata.name === name);
    if (!namespace) {
        return `namespace ${name} does not exist`;
    }
    if (namespace.metadata.deletionTimestamp) {
        return `namespace ${name} is being deleted`;
    }
    if (want.labels && ["labels", "platform"].includes(want.by)) {
        return `${name} lacks ${missingLabels(namespace, want).join(", ")}`;
    }
    const other = namespace.metadata.labels?.["maistra.io/member-of"];
    if (other !== undefined && other !== want.controlPlane.namespace) {
        return `${name} is a member of the mesh in ${other}`;
    }
    if (want.by === "platform") {
        return `${name} is not a member yet`;
    }
    if (want.by === "member") {
        const one = member(seen, name);
        const said = words(condition(one, "Ready")) || words(condition(one, "Reconciled"));
        return one ? `${name}: ${said || "not yet reconciled"}` : `ServiceMeshMember ${name}/default is not there`;
    }
    const own = roll(seen, want);
    if (!own) {
        return `ServiceMeshMemberRoll ${want.controlPlane.namespace}/default is not there`;
    }
    if (want.by === "roll" && !(own.spec?.members ?? []).includes(name)) {
        return `the roll does not name ${name}`;
    }
    const members: string[] = own.status?.members ?? [name];
    if (want.by === "selectors" && !members.includes(name)) {
        return `the roll's selectors do not find ${name}`;
    }
    if (!isInstalled(own.status?.meshReconciledVersion ?? "")) {
        return `${name}: its control plane is not installed yet`;
    }
    return `${name}: ${words(condition(own, "Ready")) || "the roll waits for its control plane to be ready"}`;
}
