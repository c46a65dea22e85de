import type { Goal } from "./goal";
import { Ledger } from "./ledger";
import { decide, forced, NO_DIFF } from "./plan/diff";
import { removeInOrder } from "./plan/order";
import { keepIgnored } from "./plan/paths";
import { urnOf } from "./plan/urn";
import { mustGoFirst, oldOf, Predecessors, stateOf } from "./predecessors";
import { type Made, type Provider, Unfinished, type Work } from "./providers/provider";
import { type DeploymentOptions, type Registered, Stopped } from "./run";
import type { ResourceState } from "./state";
import type { Changes, Step } from "./types";
import { markKeys, type Props, sameValue, shown } from "./values";

/**
 * One run over a stack: turns each registration of the program into a step, and at the end removes what the program no
 * longer speaks of. In a preview the providers are asked what would be, and the state is only read.
 */
export class Deployment {
    failure?: Error;
    private readonly ledger: Ledger;
    private readonly predecessors: Predecessors;
    private readonly registered = new Set<string>();
    private readonly underWay = new Set<Promise<unknown>>();
    /** Already deleted, because what they depend on had to be deleted before its replacement. */
    private readonly goneAhead = new Set<string>();

    constructor(private readonly options: DeploymentOptions) {
        this.ledger = new Ledger(options.emit);
        this.predecessors = new Predecessors(options.state, (urn) => this.registered.has(urn));
    }

    get steps(): Step[] {
        return this.ledger.steps;
    }

    get changes(): Changes {
        return this.ledger.changes;
    }

    /** Errors: Stopped when this or an earlier step failed; the reason is in `failure`. */
    register(read: () => Goal): Promise<Registered> {
        return this.take(read, async (urn, goal) => {
            const old = this.predecessors.of(urn, goal);
            return goal.custom ? this.custom(urn, goal, old) : this.component(urn, goal, old);
        });
    }

    /** What another stack tells. It is remembered, since others depend on it, but not this stack's. Errors: as above. */
    read(read: () => Goal & { id: string }): Promise<Registered> {
        return this.take(read, async (urn, goal) => {
            this.ledger.begin(urn, "read");
            const outputs = this.options.readStack(goal.id);
            this.options.state.put({ ...stateOf(urn, goal, goal.inputs, { id: goal.id, outputs }), external: true });
            await this.save();
            this.ledger.close(urn, "done");
            return { urn, id: goal.id, outputs };
        });
    }

    private async take<G extends Goal>(
        read: () => G,
        reach: (urn: string, goal: G) => Promise<Registered>,
    ): Promise<Registered> {
        const { project, stack } = this.options;
        let goal: G;
        try {
            goal = read();
        } catch (error) {
            this.fail(undefined, error as Error);
            throw new Stopped();
        }
        const urn = urnOf(stack, project, goal.parent, goal.type, goal.name);
        return this.step(urn, async () => {
            if (this.registered.has(urn)) {
                throw new Error(`Duplicate resource URN '${urn}'; try giving it a unique name`);
            }
            this.registered.add(urn);
            return reach(urn, goal);
        });
    }

    /** The outputs of a component, or of the stack itself; it is complete with them. */
    async registerOutputs(urn: string, outputs: Props): Promise<void> {
        const state = this.options.state.find(urn);
        if (state) {
            state.outputs = outputs;
            await this.save();
        }
        this.ledger.close(urn, "done", shown(outputs) as Record<string, unknown>);
    }

    /** Removes what the program no longer speaks of, and what replacements left. Errors: the first failure. */
    async removeLeftovers(): Promise<void> {
        this.ledger.closeAll();
        const { resources } = this.options.state;
        await this.removeAll(resources.filter((r) => r.replaced || !this.registered.has(r.urn)));
        await this.save();
    }

    async destroy(): Promise<void> {
        await this.removeAll(this.options.state.resources);
        await this.save();
    }

    /** Resolves when no step is under way. */
    async settled(): Promise<void> {
        while (this.underWay.size > 0) {
            await Promise.allSettled([...this.underWay]);
        }
    }

    private step<T>(urn: string, work: () => Promise<T>): Promise<T> {
        if (this.failure || this.options.signal.aborted) {
            return Promise.reject(new Stopped());
        }
        const promise = work().catch((error: Error) => {
            this.fail(urn, error);
            throw new Stopped();
        });
        this.underWay.add(promise);
        void promise.catch(() => undefined).finally(() => this.underWay.delete(promise));
        return promise;
    }

    private fail(urn: string | undefined, error: Error): void {
        if (urn !== undefined) {
            this.ledger.close(urn, "failed");
        }
        const interrupted = this.options.signal.aborted;
        if (!interrupted) {
            this.options.emit({ type: "message", urn, severity: "error", text: error.message, ephemeral: false });
        }
        if (!this.failure) {
            this.failure = interrupted ? new Error("interrupted") : error;
            this.options.onFailure();
        }
    }

    private async component(urn: string, goal: Goal, old: ResourceState | undefined): Promise<Registered> {
        const changed = old && !sameValue(old.inputs, goal.inputs);
        this.ledger.begin(urn, !old ? "create" : changed ? "update" : "same");
        this.options.state.put(stateOf(urn, goal, goal.inputs, { id: "", outputs: old?.outputs ?? {} }));
        if (!old || changed) {
            await this.save();
        }
        return { urn, id: "", outputs: goal.inputs };
    }

    private async custom(urn: string, goal: Goal, old: ResourceState | undefined): Promise<Registered> {
        const { state } = this.options;
        const provider = this.options.providerOf(goal.type);
        const checked = await provider.check(urn, old?.inputs, goal.inputs);
        const inputs = old ? keepIgnored(old.inputs, checked, goal.ignoreChanges) : checked;
        const found = old ? await provider.diff(oldOf(old), inputs) : NO_DIFF;
        const diff = forced(found, goal.replaceOnChanges);
        const op = decide(old !== undefined, old?.unfinished !== undefined, diff);
        this.ledger.begin(urn, op === "create" && this.goneAhead.has(urn) ? "replace" : op, diff);

        let made: Made;
        if (op === "same") {
            made = { id: old!.id!, outputs: old!.outputs };
        } else {
            const timeouts = goal.timeoutSeconds;
            const work = this.work(urn, op === "update" ? timeouts.update : timeouts.create, goal.ignoreChanges);
            try {
                if (op === "replace") {
                    const deleteFirst = goal.deleteBeforeReplace ?? diff.deleteBeforeReplace;
                    made = await this.replace(provider, old!, inputs, deleteFirst, work);
                } else if (op === "update") {
                    made = { id: old!.id!, outputs: await provider.update(oldOf(old!), inputs, work) };
                } else {
                    made = await this.create(provider, inputs, work);
                }
            } catch (error) {
                if (error instanceof Unfinished) {
                    retire(old, op);
                    state.put({ ...stateOf(urn, goal, inputs, error.made), unfinished: error.message });
                    await this.save();
                }
                throw error;
            }
        }
        const outputs = markKeys(made.outputs, goal.additionalSecretOutputs);
        retire(old, op);
        state.put(stateOf(urn, goal, inputs, { id: made.id, outputs }));
        if (op !== "same") {
            await this.save();
        }
        this.ledger.close(urn, "done");
        return { urn, id: made.id, outputs };
    }

    private async create(provider: Provider, inputs: Props, work: Work): Promise<Made> {
        const { creating } = this.options.state;
        const begunBefore = creating.has(work.urn);
        creating.add(work.urn);
        await this.save();
        try {
            return await provider.create(inputs, { ...work, begunBefore });
        } catch (error) {
            creating.delete(work.urn);
            await this.save();
            throw error;
        } finally {
            creating.delete(work.urn);
        }
    }

    private async replace(
        provider: Provider,
        old: ResourceState,
        inputs: Props,
        deleteFirst: boolean,
        work: Work,
    ): Promise<Made> {
        if (old.protect) {
            throw new Error(`it would have to be replaced, but it is protected: ${old.urn}`);
        }
        if (deleteFirst) {
            const others = this.options.state.resources.filter((r) => !this.registered.has(r.urn));
            const ahead = await mustGoFirst(old, others, this.options.providerOf);
            for (const resource of ahead) {
                this.goneAhead.add(resource.urn);
            }
            await removeInOrder([...ahead, old], (resource) => this.remove(resource));
        }
        return this.create(provider, inputs, work);
    }

    private async removeAll(resources: ResourceState[]): Promise<void> {
        const going = new Set(resources.filter((r) => !r.replaced).map((r) => r.urn));
        await removeInOrder(resources, async (resource) => {
            if (this.failure || this.options.signal.aborted) {
                throw new Stopped();
            }
            await this.step(resource.urn, async () => {
                // What a replacement left behind was counted with the replacement; another stack's is only forgotten.
                if (!resource.replaced && !resource.external) {
                    this.ledger.begin(resource.urn, "delete");
                }
                const withAnother = resource.deletedWith !== undefined && going.has(resource.deletedWith);
                await this.remove(resource, withAnother);
                this.ledger.close(resource.urn, "done");
            });
        });
    }

    /** Deletes the real thing, unless it goes by itself or is to stay, and forgets it. */
    private async remove(resource: ResourceState, goesByItself = false): Promise<void> {
        if (resource.protect) {
            throw new Error(`it cannot be deleted because it is protected: ${resource.urn}`);
        }
        const stays = !resource.custom || resource.external || resource.retainOnDelete;
        if (!stays && !goesByItself && !this.options.preview) {
            const provider = this.options.providerOf(resource.type);
            const work = this.work(resource.urn, resource.deleteTimeoutSeconds, []);
            await provider.delete(oldOf(resource), work);
        }
        this.options.state.remove(resource);
        await this.save();
    }

    private work(urn: string, timeoutSeconds: number | undefined, ignoreChanges: string[]): Work {
        const { preview, signal, emit } = this.options;
        const report = (text: string) => emit({ type: "message", urn, severity: "info", text, ephemeral: true });
        return { urn, preview, timeoutSeconds, ignoreChanges, signal, report };
    }

    private async save(): Promise<void> {
        if (!this.options.preview) {
            await this.options.state.save();
        }
    }
}

/** Its successor stands: the old one is only waiting to be deleted (it may be gone already). */
function retire(old: ResourceState | undefined, op: string): void {
    if (old && op === "replace") {
        old.replaced = true;
    }
}
