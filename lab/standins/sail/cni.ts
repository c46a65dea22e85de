import type { KubeObject } from "../../../kube";
import { CNI_DAEMON_SET, cniRelease } from "./charts/cni";
import { type Condition, no, stateOf, withConditions, yes } from "./conditions";
import { checkNamespace, type Sail } from "./host";
import { CNI, DAEMON_SET } from "./names";
import { reconcileWithFinalizer } from "./standard";

/** The controller of IstioCNIs (controllers/istiocni/istiocni_controller.go; recorded: sail S1b, S1c, S1f, S2). */
export class Cnis {
    constructor(private readonly sail: Sail) {}

    async reconcile(name: string): Promise<void> {
        const { context, helm } = this.sail;
        const { reactionDelay, smallChartDelay } = context.settings().sail;
        await context.delay(reactionDelay);
        await reconcileWithFinalizer(
            this.sail,
            { ...CNI, name },
            {
                install: async (cni) => {
                    await checkNamespace(this.sail, cni.spec.namespace);
                    await context.delay(smallChartDelay);
                    await helm.install(cniRelease(cni));
                },
                uninstall: async (cni) => {
                    await context.delay(smallChartDelay);
                    await helm.uninstall(cniRelease(cni));
                },
                status: (cni, error) => this.status(cni, error),
            },
        );
    }

    private async status(cni: KubeObject, error: Error | undefined): Promise<object> {
        const { namespace } = cni.spec;
        const set = await this.sail.context.kube.get({ ...DAEMON_SET, namespace, name: CNI_DAEMON_SET });
        const reconciled = error
            ? no("Reconciled", "ReconcileError", `error reconciling resource: ${error.message}`)
            : yes("Reconciled");
        const ready = daemonSetReady(set);
        return {
            ...cni.status,
            observedGeneration: cni.metadata.generation,
            conditions: withConditions(cni.status?.conditions, [reconciled, ready]),
            state: stateOf([reconciled, ready]),
        };
    }
}

function daemonSetReady(set: KubeObject | undefined): Condition {
    const not = (message: string) => no("Ready", "DaemonSetNotReady", message);
    if (!set) {
        return not(`${CNI_DAEMON_SET} DaemonSet not found`);
    }
    const { currentNumberScheduled = 0, numberReady = 0 } = set.status ?? {};
    if (currentNumberScheduled === 0) {
        return not(`no ${CNI_DAEMON_SET} pods are currently scheduled`);
    }
    return numberReady < currentNumberScheduled ? not(`not all ${CNI_DAEMON_SET} pods are ready`) : yes("Ready");
}
