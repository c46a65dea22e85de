import { createHash } from "node:crypto";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileOf, type Translation } from "./translate";

const LISTENER = "type.googleapis.com/envoy.config.listener.v3.Listener";
const CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
const ROUTES = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";
const EXTENSION = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig";

/** How long a cluster stays after the last route to it: Envoy must have read the routes first. */
const LINGER_MS = 1_000;

/** How long a step is given to take effect everywhere before the next one builds on it. */
const STEP_MS = 100;

/** Where Envoy's admin interface listens. */
export type AdminAddress = { socket: string } | { address: string; port: number };

/** The file that an Envoy is started with; everything else it reads from the folder that ProxyConfig fills. */
export function bootstrap(o: { id: string; cluster: string; folder: string; admin: AdminAddress }): object {
    const fromFile = (name: string) => ({
        resource_api_version: "V3",
        path_config_source: { path: join(o.folder, `${name}.json`) },
    });
    return {
        node: { id: o.id, cluster: o.cluster },
        admin: {
            address:
                "socket" in o.admin
                    ? { pipe: { path: o.admin.socket, mode: 0o600 } }
                    : { socket_address: { address: o.admin.address, port_value: o.admin.port } },
        },
        // Envoy's own limit of 100 steps is less than the name of a namespace may need; the translator has its own.
        layered_runtime: {
            layers: [{ name: "static", static_layer: { re2: { max_program_size: { error_level: 10_000_000 } } } }],
        },
        dynamic_resources: { lds_config: fromFile("listeners"), cds_config: fromFile("clusters") },
    };
}

/** By file: what Envoy reports as its version once it has taken the file in. */
export type Versions = Record<string, string>;

/**
 * The files from which a running Envoy takes its configuration, written such that a change loses no request:
 * - policies go first, and hold from the next request on;
 * - clusters come before the routes to them, and go after;
 * - when mTLS is turned on or off, every port first takes both, then callers change, then ports close to the other way.
 *   This works across proxies, if all of them are told at about the same time.
 * All files must be there before Envoy starts, so write() once first.
 */
export class ProxyConfig {
    private readonly written: Versions = {};
    private listeners: Listener[] = [];
    private clusters: Cluster[] = [];
    /** Clusters that nobody wants any more, until Envoy has surely read the routes. */
    private lingering: Cluster[] = [];
    private later?: NodeJS.Timeout;
    private running: Promise<unknown> = Promise.resolve();

    constructor(private readonly folder: string) {}

    /** Writes what has changed. Resolves when the files are there, some milliseconds before they take effect. */
    write(translation: Translation): Promise<Versions> {
        const done = this.running.then(() => this.writeAll(translation));
        this.running = done.catch(() => undefined);
        return done;
    }

    /** What Envoy says of its clusters when it has got those that were written last. */
    get clustersVersion(): string | undefined {
        return this.written[this.clustersFile];
    }

    /** Nothing is written later on. */
    close(): void {
        clearTimeout(this.later);
    }

    private async writeAll(translation: Translation): Promise<Versions> {
        const listeners = translation.listeners as Listener[];
        const clusters = translation.clusters as Cluster[];
        for (const [name, config] of Object.entries(translation.filters)) {
            await this.file(fileOf("filter", name, this.folder), typed(EXTENSION, [{ name, typed_config: config }]));
        }
        const both = listeners.map((each) => withChainsOf(each, named(this.listeners, each.name)));
        // A listener that is new may need routes that are not there yet.
        const known = both.filter(({ name }) => named(this.listeners, name) !== undefined);
        if (changesMode(this.listeners, known)) {
            await this.writeListeners(known);
        }
        if (changesSocket(this.clusters, clusters)) {
            await sleep(STEP_MS);
        }
        await this.changeClusters(clusters);
        for (const [name, config] of Object.entries(translation.routes)) {
            await this.file(fileOf("routes", name, this.folder), typed(ROUTES, [config]));
        }
        if (changesMode(both, listeners)) {
            await sleep(2 * STEP_MS);
        }
        await this.writeListeners(listeners);
        this.listeners = listeners;
        return { ...this.written };
    }

    private async changeClusters(wanted: Cluster[]): Promise<void> {
        const gone = new Map([...this.lingering, ...this.clusters].map((each) => [each.name, each]));
        wanted.forEach(({ name }) => gone.delete(name));
        this.lingering = [...gone.values()];
        this.clusters = wanted;
        await this.writeClusters();
        clearTimeout(this.later);
        if (gone.size > 0) {
            this.later = setTimeout(() => this.letGo(), LINGER_MS);
            this.later.unref();
        }
    }

    private letGo(): void {
        this.running = this.running.then(() => {
            this.lingering = [];
            // The next write() meets whatever keeps this one from succeeding.
            return this.writeClusters().catch(() => undefined);
        });
    }

    private writeClusters(): Promise<void> {
        return this.file(this.clustersFile, typed(CLUSTER, [...this.clusters, ...this.lingering]));
    }

    private get clustersFile(): string {
        return join(this.folder, "clusters.json");
    }

    private writeListeners(listeners: Listener[]): Promise<void> {
        return this.file(join(this.folder, "listeners.json"), typed(LISTENER, listeners));
    }

    /** Envoy takes a file in when another one is renamed to its name. */
    private async file(path: string, resources: object[]): Promise<void> {
        const version = createHash("sha256").update(JSON.stringify(resources)).digest("hex").slice(0, 16);
        if (this.written[path] === version) {
            return;
        }
        await writeFile(`${path}.new`, JSON.stringify({ version_info: version, resources }), { mode: 0o600 });
        await rename(`${path}.new`, path);
        this.written[path] = version;
    }
}

/** What is read here of an Envoy listener. */
interface Listener {
    name: string;
    filter_chains: { name?: string }[];
}

interface Cluster {
    name: string;
    transport_socket?: object;
    transport_socket_matches?: object[];
}

function named<T extends { name: string }>(all: T[], name: string): T | undefined {
    return all.find((each) => each.name === name);
}

/** A sidecar's port for others, whose chains are for peers with and without mTLS. */
function isInbound({ name }: Listener): boolean {
    return name.startsWith("inbound|");
}

/** A listener that also still takes what it took before. */
function withChainsOf(listener: Listener, before: Listener | undefined): Listener {
    if (!isInbound(listener)) {
        return listener;
    }
    const more = (before?.filter_chains ?? []).filter(
        (old) => old.name !== undefined && !listener.filter_chains.some(({ name }) => name === old.name),
    );
    // In a fixed order, so that going there and back again changes nothing that is not different.
    const chains = [...listener.filter_chains, ...more].sort((a, b) => ((a.name ?? "") < (b.name ?? "") ? -1 : 1));
    return { ...listener, filter_chains: chains };
}

/** Whether a listener takes something that it did not take before, or the other way round. */
function changesMode(before: Listener[], after: Listener[]): boolean {
    const chains = ({ filter_chains }: Listener): string => filter_chains.map(({ name }) => name).join();
    return after.filter(isInbound).some((each) => {
        const old = named(before, each.name);
        return old !== undefined && chains(old) !== chains(each);
    });
}

function changesSocket(before: Cluster[], after: Cluster[]): boolean {
    const socket = ({ transport_socket, transport_socket_matches }: Cluster): string =>
        String(transport_socket !== undefined) + String(transport_socket_matches !== undefined);
    return after.some((each) => {
        const old = named(before, each.name);
        return old !== undefined && socket(old) !== socket(each);
    });
}

function typed(type: string, resources: object[]): object[] {
    return resources.map((resource) => ({ "@type": type, ...resource }));
}
