import type { ProgressEvent } from "../../lab/engine/driver";

/** The stages of a run, in the order in which they are listed until events say in which order they really come. */
const STAGES: { title: string; component: string; after?: string; untilNext?: boolean }[] = [
    { title: "operators", component: "mesh:index:Operator" },
    { title: "control plane", component: "mesh:index:ControlPlane", after: "operators" },
    { title: "exceptions", component: "mesh:index:ExposedListeners" },
    { title: "membership", component: "mesh:index:Membership", after: "control plane" },
    { title: "security", component: "mesh:index:AccessPolicies", after: "membership" },
    // Declared whole at once; that its pods run is only known when the ingress begins, or the run ends.
    { title: "services", component: "mesh:index:MeshedService", after: "membership", untilNext: true },
    { title: "ingress", component: "mesh:index:Ingress", after: "services" },
];

export interface Item {
    name: string;
    /** Resources of it that are being worked on, by URN. */
    busy: Set<string>;
    /** Children, by URN: their types. */
    children: Map<string, string>;
    complete: boolean;
    outputs: Record<string, unknown>;
    changed: boolean;
}

export interface Stage {
    title: string;
    state: "waiting" | "running" | "done" | "failed";
    items: Map<string, Item>;
    /** What it waits for now, in the words of whoever waits. */
    says?: string;
    /** The URN that the words are about. */
    about?: string;
    begunAt?: number;
    endedAt?: number;
}

export interface Model {
    phase: "preview" | "update" | "destroy";
    phaseBegunAt: number;
    /** The summary of the look at the cluster. */
    look?: string;
    /** In the order in which they began; those that have not begun come last. */
    stages: Stage[];
    warnings: string[];
    error?: string;
}

export function newModel(): Model {
    const stages = STAGES.map(({ title }): Stage => ({ title, state: "waiting", items: new Map() }));
    return { phase: "preview", phaseBegunAt: 0, stages, warnings: [] };
}

/**
 * What an event changes, in place. The preview tells what there will be; the update, what becomes of it.
 * `now` in milliseconds, of any clock.
 */
export function take(model: Model, event: ProgressEvent, now: number): void {
    switch (event.type) {
        case "phase":
            begin(model, event.phase, now);
            break;
        case "resource":
            resource(model, event, now);
            break;
        case "message":
            message(model, event, now);
            break;
        case "summary":
            break;
    }
}

/** The run is over: what is not failed is done. */
export function finish(model: Model, ok: boolean, now: number): void {
    for (const stage of model.stages) {
        if (stage.state === "running") {
            end(model, stage, ok ? "done" : "failed", now);
        }
    }
}

function begin(model: Model, phase: Model["phase"], now: number): void {
    model.phase = phase;
    model.phaseBegunAt = now;
    for (const stage of model.stages) {
        stage.state = "waiting";
        stage.says = undefined;
        for (const item of stage.items.values()) {
            Object.assign(item, { busy: new Set(), children: new Map(), complete: false, outputs: {}, changed: false });
        }
    }
}

type ResourceEvent = Extract<ProgressEvent, { type: "resource" }>;

function resource(model: Model, event: ResourceEvent, now: number): void {
    const place = placeOf(model, event.urn);
    if (!place) {
        return;
    }
    const { stage, item, own, type } = place;
    if (model.phase === "preview") {
        return;
    }
    if (!own) {
        item.children.set(event.urn, type);
    }
    if (event.op !== "same" && event.op !== "read") {
        item.changed = true;
    }
    if (event.phase === "failed") {
        start(model, stage, now);
        item.busy.delete(event.urn);
        end(model, stage, "failed", now);
        return;
    }
    if (event.phase === "start") {
        // A component begins when it is declared, long before anything of it does.
        if (!own) {
            start(model, stage, now);
            item.busy.add(event.urn);
        }
        return;
    }
    item.busy.delete(event.urn);
    if (stage.about === event.urn) {
        stage.says = stage.about = undefined;
    }
    if (own) {
        item.complete = true;
        item.outputs = event.outputs ?? {};
        if (stage.about === undefined || belongs(stage.about, event.urn)) {
            stage.says = stage.about = undefined;
        }
    }
    settle(model, stage, now);
}

type MessageEvent = Extract<ProgressEvent, { type: "message" }>;

function message(model: Model, event: MessageEvent, now: number): void {
    if (event.severity === "warning" && !model.warnings.includes(event.text)) {
        model.warnings.push(event.text);
    }
    if (event.severity !== "info") {
        return;
    }
    if (event.urn === undefined || !placeOf(model, event.urn)) {
        model.look = /^look: (.*)$/s.exec(event.text)?.[1] ?? model.look;
        return;
    }
    if (model.phase === "preview") {
        return;
    }
    const { stage } = placeOf(model, event.urn)!;
    // Progress travels on its own way, and may come after what it speaks of.
    if (stage.state === "done") {
        return;
    }
    start(model, stage, now);
    stage.says = event.ephemeral ? event.text : undefined;
    stage.about = event.ephemeral ? event.urn : undefined;
    settle(model, stage, now);
}

function start(model: Model, stage: Stage, now: number): void {
    if (stage.state === "waiting") {
        stage.state = "running";
        stage.begunAt = now;
        const begun = model.stages.filter((s) => s.state !== "waiting" && s !== stage);
        model.stages = [...begun, stage, ...model.stages.filter((s) => s.state === "waiting")];
    }
    // What this one comes after is over, or it would not have begun.
    const { after } = STAGES.find((s) => s.title === stage.title)!;
    const before = model.stages.find((s) => s.title === after);
    if (before?.state === "running") {
        end(model, before, "done", now);
    }
}

/** Done when all of it is complete, nothing is being worked on, and nothing is being waited for. */
function settle(model: Model, stage: Stage, now: number): void {
    const items = [...stage.items.values()];
    if (STAGES.find((s) => s.title === stage.title)?.untilNext) {
        return;
    }
    if (stage.state === "running" && stage.says === undefined && items.every((i) => i.complete && i.busy.size === 0)) {
        end(model, stage, "done", now);
    }
}

function end(model: Model, stage: Stage, state: "done" | "failed", now: number): void {
    stage.state = state;
    stage.endedAt = now;
    if (state === "done") {
        stage.says = undefined;
    }
}

interface Place {
    stage: Stage;
    item: Item;
    /** The event is about the component itself. */
    own: boolean;
    type: string;
}

/** Where in the model a URN belongs: the outermost component of its chain of types names the stage. */
function placeOf(model: Model, urn: string): Place | undefined {
    const [, , chain = "", name = ""] = urn.split("::");
    const types = chain.split("$");
    const { title } = STAGES.find((s) => s.component === types[0]) ?? {};
    const stage = model.stages.find((s) => s.title === title);
    if (!stage) {
        return undefined;
    }
    const own = types.length === 1;
    if (own && !stage.items.has(urn)) {
        const item = { busy: new Set<string>(), children: new Map(), complete: false, outputs: {}, changed: false };
        stage.items.set(urn, { name, ...item });
    }
    // A child's URN does not say of which component of that type it is; the stage is what counts.
    const item = stage.items.get(urn) ?? [...stage.items.values()].pop();
    return item && { stage, item, own, type: types[types.length - 1] };
}

function belongs(child: string, component: string): boolean {
    return child === component || child.split("::")[2]?.startsWith(`${component.split("::")[2]}$`);
}
