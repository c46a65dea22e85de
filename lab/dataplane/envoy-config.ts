import { createHash } from "node:crypto";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileOf, type Translation } from "./translate";

const LISTENER = "type.googleapis.com/envoy.config.listener.v3.Listener";
const CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
const ROUTES = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";
const EXTENSION = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig";

/** How long a cluster stays after the last route to it: Envoy must have read the routes first. */
const LINGER_MS = 1_000;

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
        dynamic_resources: { lds_config: fromFile("listeners"), cds_config: fromFile("clusters") },
    };
}

/** By file: what Envoy reports as its version once it has taken the file in. */
export type Versions = Record<string, string>;

/**
 * The files from which a running Envoy takes its configuration, written such that a change loses no request: clusters
 * come before the routes to them and go after. All of them must be there before Envoy starts, so write() once first.
 */
export class ProxyConfig {
    private readonly written: Versions = {};
    private clusters: NamedCluster[] = [];
    /** Clusters that nobody wants any more, until Envoy has surely read the routes. */
    private lingering: NamedCluster[] = [];
    private later?: NodeJS.Timeout;
    private running: Promise<unknown> = Promise.resolve();

    constructor(private readonly folder: string) {}

    /** Writes what has changed. Resolves when the files are there, which is some milliseconds before it takes effect. */
    write(translation: Translation): Promise<Versions> {
        const done = this.running.then(() => this.writeAll(translation));
        this.running = done.catch(() => undefined);
        return done;
    }

    /** Nothing is written any more. */
    close(): void {
        clearTimeout(this.later);
    }

    private async writeAll({ listeners, clusters, routes, filters }: Translation): Promise<Versions> {
        const wanted = clusters as NamedCluster[];
        const isWanted = ({ name }: NamedCluster): boolean => wanted.some((each) => each.name === name);
        this.lingering = [...this.lingering, ...this.clusters].filter((each, i, all) => !isWanted(each) && i === last(all, each));
        this.clusters = wanted;
        await this.writeClusters();
        for (const [name, config] of Object.entries(filters)) {
            await this.file(fileOf("filter", name, this.folder), typed(EXTENSION, [{ name, typed_config: config }]));
        }
        for (const [name, config] of Object.entries(routes)) {
            await this.file(fileOf("routes", name, this.folder), typed(ROUTES, [config]));
        }
        await this.file(join(this.folder, "listeners.json"), typed(LISTENER, listeners));
        clearTimeout(this.later);
        if (this.lingering.length > 0) {
            this.later = setTimeout(() => this.letGo(), LINGER_MS);
            this.later.unref();
        }
        return { ...this.written };
    }

    private letGo(): void {
        this.running = this.running.then(() => {
            this.lingering = [];
            // The next write() meets whatever keeps this one from succeeding.
            return this.writeClusters().catch(() => undefined);
        });
    }

    private writeClusters(): Promise<void> {
        return this.file(join(this.folder, "clusters.json"), typed(CLUSTER, [...this.clusters, ...this.lingering]));
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

interface NamedCluster {
    name: string;
}

/** The position of the last one with this one's name. */
function last(all: NamedCluster[], { name }: NamedCluster): number {
    return all.map((each) => each.name).lastIndexOf(name);
}

function typed(type: string, resources: object[]): object[] {
    return resources.map((resource) => ({ "@type": type, ...resource }));
}
