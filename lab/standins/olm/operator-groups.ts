import type { KubeObject } from "../../../kube";
import type { Olm } from "./host";
import { WorkQueue } from "./queue";

const MULTIPLE = {
    type: "MultipleOperatorGroup",
    status: "True",
    reason: "MultipleOperatorGroupsFound",
    message: "Multiple OperatorGroup found in the same namespace",
};

/** OperatorGroups: which namespaces they mean, which APIs their operators provide, and that one is enough (trap 5). */
export class OperatorGroups {
    private readonly queue: WorkQueue;

    constructor(
        private readonly olm: Olm,
        private readonly synced: (namespace: string) => void,
    ) {
        this.queue = new WorkQueue((namespace) => this.sync(namespace), olm);
    }

    /** A group came or changed, or a CSV of the namespace; that one went is noticed by nobody (recorded: e2, e4). */
    changed(namespace: string): void {
        this.queue.add(namespace);
    }

    private async sync(namespace: string): Promise<void> {
        const { olm } = this;
        const groups = olm.groups.all(namespace);
        for (const group of groups) {
            const targets = targetsOf(group, olm.namespaces.all());
            await olm.groups.updateStatus(group.metadata, ({ status }) =>
                withTargets(status, targets, groups.length, olm.now()),
            );
            await this.labelTargets(group, targets);
        }
        const csvs = olm.csvsOf(namespace);
        if (groups.length === 1) {
            const apis = csvs.flatMap(providedApis).sort();
            await olm.groups.update(groups[0].metadata, (group) => withApis(group, [...new Set(apis)].join(",")));
        }
        this.synced(namespace);
    }

    /** A namespace that a group names carries the group's uid; those of an all-namespaces group do not. */
    private async labelTargets(group: KubeObject, targets: string[]): Promise<void> {
        const label = `olm.operatorgroup.uid/${group.metadata.uid}`;
        for (const target of targets.filter((t) => t !== "")) {
            await this.olm.namespaces.update({ name: target }, (n) =>
                n.metadata.labels?.[label] === ""
                    ? n
                    : { ...n, metadata: { ...n.metadata, labels: { ...n.metadata.labels, [label]: "" } } },
            );
        }
    }
}

/** The namespaces that a group means; [""] is all of them. */
export function targetsOf(group: KubeObject, namespaces: KubeObject[]): string[] {
    const { targetNamespaces, selector } = group.spec ?? {};
    if (targetNamespaces?.length > 0) {
        return [...targetNamespaces].sort();
    }
    const wanted = Object.entries(selector?.matchLabels ?? {});
    if (wanted.length === 0) {
        return [""];
    }
    return namespaces
        .filter((n) => wanted.every(([key, value]) => n.metadata.labels?.[key] === value))
        .map((n) => n.metadata.name)
        .sort();
}

function withTargets(status: any, targets: string[], groups: number, now: string): any {
    const same = JSON.stringify(status?.namespaces) === JSON.stringify(targets);
    const noted = status?.conditions?.some((c: any) => c.type === MULTIPLE.type) === true;
    if (same && noted === groups > 1) {
        return status;
    }
    const { conditions: _, ...rest } = status ?? {};
    const multiple = groups > 1 ? { conditions: [{ ...MULTIPLE, lastTransitionTime: now }] } : {};
    return { ...rest, namespaces: targets, lastUpdated: now, ...multiple };
}

function withApis(group: KubeObject, apis: string): KubeObject {
    const key = "olm.providedAPIs";
    const has = group.metadata.annotations?.[key];
    if (has === apis || (has === undefined && apis === "")) {
        return group;
    }
    return { ...group, metadata: { ...group.metadata, annotations: { ...group.metadata.annotations, [key]: apis } } };
}

function providedApis(csv: KubeObject): string[] {
    const owned: { name: string; version: string; kind: string }[] = csv.spec.customresourcedefinitions?.owned ?? [];
    const grouped = csv.metadata.annotations?.["olm.operatorGroup"] !== undefined;
    const going = csv.metadata.deletionTimestamp !== undefined;
    return grouped && !going
        ? owned.map(({ name, version, kind }) => `${kind}.${version}.${name.split(".").slice(1).join(".")}`)
        : [];
}
