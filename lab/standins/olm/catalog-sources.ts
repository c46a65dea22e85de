import type { Olm } from "./host";
import { CATALOG_NAMESPACE } from "./resolver";

/** From the catalogue server's return to OLM noticing it (recorded: olm j2). */
const RECONNECT_MS = 6_500;
const GRPC_PORT = 50051;
const FAILED = "TRANSIENT_FAILURE";

/** The connection to the catalogues' servers, as CatalogSources show it (recorded: olm 00, j1, j2). */
export class CatalogSources {
    private state: "up" | "down" | "cold" | undefined;

    constructor(
        private readonly olm: Olm,
        /** undefined: it can be read (again). */
        private readonly readable: (error: string | undefined) => void,
    ) {}

    /** Brings every CatalogSource in line with the setting; new ones too. */
    async sync(): Promise<void> {
        const { olm } = this;
        const wanted = olm.settings.catalog;
        const before = this.state;
        this.state = wanted;
        if (wanted === "up" && before !== undefined && before !== "up") {
            await olm.delay(RECONNECT_MS);
            if (this.state !== "up") {
                return;
            }
        }
        for (const { metadata } of olm.sources.all()) {
            await this.show(metadata, wanted === "up" ? "READY" : FAILED);
        }
        if (before !== wanted) {
            this.readable(wanted === "cold" ? connectionRefused() : undefined);
        }
    }

    private async show(ref: { name: string; namespace?: string }, lastObservedState: string): Promise<void> {
        const { olm } = this;
        const address = `${ref.name}.${ref.namespace}.svc:${GRPC_PORT}`;
        const write = (state: string) =>
            olm.sources.updateStatus(ref, ({ status }) =>
                status?.connectionState?.lastObservedState === lastObservedState
                    ? status
                    : {
                          ...status,
                          connectionState: { address, lastObservedState: state, lastConnect: olm.now() },
                          registryService: status?.registryService ?? { protocol: "grpc", createdAt: olm.now() },
                      },
            );
        if (olm.sources.get(ref.namespace, ref.name)?.status?.connectionState?.lastObservedState !== FAILED) {
            await write("IDLE");
        }
        await write(lastObservedState);
    }
}

/** OLM's error for a catalogue that does not answer and of which nothing is cached. */
function connectionRefused(): string {
    const dial = `dial tcp 172.30.97.11:${GRPC_PORT}: connect: connection refused`;
    return (
        `error using catalogsource ${CATALOG_NAMESPACE}/redhat-operators: failed to list bundles: rpc error: ` +
        `code = Unavailable desc = connection error: desc = "transport: Error while dialing: ${dial}"`
    );
}
