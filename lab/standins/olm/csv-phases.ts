import type { KubeObject } from "../../../kube";
import { rolloutOf } from "./deployment-status";
import { type Requirement, unsupported } from "./requirements";

/** What decides a CSV's next phase, all read at one moment. */
export interface CsvPicture {
    csv: KubeObject;
    /** The OperatorGroups of its namespace. */
    groups: KubeObject[];
    requirements: Requirement[];
    /** Undefined when its Deployment is not there. */
    deployment?: KubeObject;
    /** The CSV of its namespace that replaces it. */
    replacer?: KubeObject;
    /** It has been Installing for longer than OLM waits. */
    timedOut: boolean;
}

export interface Phase {
    phase: string;
    reason: string;
    message: string;
}

/**
 * The next phase of a CSV, or undefined when it stays as it is. Pure; the order and the words are those recorded from
 * OLM (a: install, c: upgrade, e3: unsupported OperatorGroup, i: timeouts, l: healing).
 */
export function nextPhase(picture: CsvPicture): Phase | undefined {
    const next = transition(picture);
    const now = picture.csv.status ?? {};
    const same = next && next.phase === now.phase && next.reason === now.reason && next.message === now.message;
    return same ? undefined : next;
}

function transition(picture: CsvPicture): Phase | undefined {
    const { csv, replacer } = picture;
    const now: string = csv.status?.phase ?? "";
    if (now === "Replacing") {
        return replacer?.status?.phase === "Succeeded" ? REPLACED : undefined;
    }
    if (now === "Deleting") {
        return undefined;
    }
    const misplaced = whyMisplaced(picture);
    if (misplaced) {
        return misplaced;
    }
    switch (now) {
        case "":
            return UNKNOWN;
        case "Pending":
            return fromPending(picture);
        case "InstallReady":
            return phase("Installing", "InstallSucceeded", "waiting for install components to report healthy");
        case "Installing":
            return fromInstalling(picture);
        case "Succeeded":
            return replacer ? beingReplaced(replacer) : fromSucceeded(picture);
        case "Failed":
            return fromFailed(picture);
        default:
            return undefined;
    }
}

const UNKNOWN = phase("Pending", "RequirementsUnknown", "requirements not yet checked");
const SUCCEEDED = phase("Succeeded", "InstallSucceeded", "install strategy completed with no errors");
const READY = phase("InstallReady", "AllRequirementsMet", "all requirements found, attempting install");
const REPLACED = phase(
    "Deleting",
    "Replaced",
    "has been replaced by a newer ClusterServiceVersion that has successfully installed.",
);
const GROUP_REASONS = ["NoOperatorGroup", "TooManyOperatorGroups", "UnsupportedOperatorGroup"];

function beingReplaced(replacer: KubeObject): Phase {
    return phase("Replacing", "BeingReplaced", `being replaced by csv: ${replacer.metadata.name}`);
}

/** OLM: pkg/controller/operators/olm/operator.go, transitionCSVState. */
function whyMisplaced({ csv, groups }: CsvPicture): Phase | undefined {
    if (groups.length === 0) {
        return phase("Failed", "NoOperatorGroup", "csv in namespace with no operatorgroups");
    }
    if (groups.length > 1) {
        const why = "csv created in namespace with multiple operatorgroups, can't pick one automatically";
        return phase("Failed", "TooManyOperatorGroups", why);
    }
    const why = unsupported(csv, groups[0].status?.namespaces ?? []);
    return why === undefined ? undefined : phase("Failed", "UnsupportedOperatorGroup", why);
}

function fromPending({ csv, requirements, replacer }: CsvPicture): Phase {
    if (requirements.every((r) => r.status === "Present")) {
        return READY;
    }
    if (replacer) {
        return beingReplaced(replacer);
    }
    return csv.status.reason === "NeedsReinstall"
        ? (csv.status as Phase)
        : phase("Pending", "RequirementsNotMet", "one or more requirements couldn't be found");
}

function fromInstalling(picture: CsvPicture): Phase {
    const state = componentState(picture);
    if (state.is === "ready") {
        return SUCCEEDED;
    }
    if (picture.replacer) {
        return beingReplaced(picture.replacer);
    }
    if (state.is === "exceeded") {
        return phase("Failed", "InstallCheckFailed", `install failed: ${state.message}`);
    }
    if (picture.timedOut) {
        return phase("Failed", "InstallCheckFailed", "install timeout");
    }
    return phase("Installing", "InstallWaiting", `installing: ${state.message}`);
}

function fromSucceeded(picture: CsvPicture): Phase | undefined {
    const state = componentState(picture);
    return state.is === "ready" ? undefined : phase("Failed", "ComponentUnhealthy", `installing: ${state.message}`);
}

function fromFailed(picture: CsvPicture): Phase | undefined {
    const { reason } = picture.csv.status;
    if (GROUP_REASONS.includes(reason)) {
        return UNKNOWN;
    }
    const state = componentState(picture);
    if (state.is === "ready") {
        return SUCCEEDED;
    }
    // A Deployment past its own deadline is not tried again; only its pods can still heal it (recorded: olm i).
    return state.is === "exceeded" ? undefined : phase("Pending", "NeedsReinstall", `installing: ${state.message}`);
}

function componentState({ csv, deployment }: CsvPicture): { is: "ready" | "waiting" | "exceeded"; message: string } {
    const name = csv.spec.install.spec.deployments[0].name;
    if (!deployment) {
        return { is: "waiting", message: `missing deployment with name=${name}` };
    }
    const rollout = rolloutOf(deployment);
    switch (rollout.is) {
        case "ready":
            return { is: "ready", message: "" };
        case "exceeded":
            return { is: "exceeded", message: `deployment ${name} not ready before timeout: ${rollout.message}` };
        case "waiting":
            return { is: "waiting", message: `waiting for deployment ${name} to become ready: ${rollout.message}` };
    }
}

function phase(name: string, reason: string, message: string): Phase {
    return { phase: name, reason, message };
}
