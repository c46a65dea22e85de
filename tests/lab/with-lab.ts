import { Kube } from "../../kube";
import { down, type Lab, type SettingsPatch, up } from "../../lab";

export interface UsedLab {
    lab: Lab;
    /** As the administrator. */
    kube: Kube;
    /** As a user without any rights. */
    viewer: Kube;
}

/** Faster than the lab's own default: tests look at order, not at time. Requests flow in labs of their own. */
const BASE: SettingsPatch = { timeScale: 0.05, dataplane: { enabled: false } };

/** The labs of this run, by name. */
const started = new Map<string, Promise<UsedLab>>();

/**
 * A lab for the tests of a describe(): all of a run that name the same one share it; it is started at the first use and
 * ended after the last test, or when the run is killed. Settings hold for this describe() only; keep tests apart by
 * namespaces.
 */
export function withLab(settings: SettingsPatch = {}, group = "test"): () => UsedLab {
    // Which OpenShift it is is fixed from the start: one lab for each.
    const { openshift, ...changing } = settings;
    const name = [group, ...(openshift === undefined ? [] : [openshift.replace(".", "-")]), process.pid].join("-");
    let used: UsedLab | undefined;
    before(async function () {
        // The first start on a machine may build the control plane.
        this.timeout(20 * 60_000);
        const lab = started.get(name) ?? start(name, openshift);
        started.set(name, lab);
        used = await lab;
        await used.lab.set(changing);
    });
    after(async () => {
        await used?.lab.set(undone(changing, BASE));
    });
    return () => used!;
}

async function start(name: string, openshift: SettingsPatch["openshift"]): Promise<UsedLab> {
    const lab = await up({ name, settings: { ...BASE, openshift }, endsWith: process.pid });
    return {
        lab,
        kube: Kube.load({ kubeconfig: lab.kubeconfig }),
        viewer: Kube.load({ kubeconfig: lab.viewerKubeconfig }),
    };
}

/** The patch that takes `patch` back: what the base says of each setting, or null for its default. */
function undone(patch: Record<string, any>, base: Record<string, any>): Record<string, any> {
    const isGroup = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);
    return Object.fromEntries(
        Object.entries(patch).map(([key, value]) =>
            isGroup(value) ? [key, undone(value, base[key] ?? {})] : [key, base[key] ?? null],
        ),
    );
}

// At the top of the file, so that it belongs to the whole run.
after(async function () {
    this.timeout(60_000);
    for (const [name, lab] of started) {
        await lab.catch(() => undefined);
        await down(name);
    }
});
