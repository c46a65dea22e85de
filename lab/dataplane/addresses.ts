import { writeFileWhole, readJsonFile } from "../state";

/**
 * Pods have the addresses 10.N.a.b in the API, which refuses loopback ones for endpoints. They are reached at
 * 127.N.a.b; the program of a pod with a sidecar listens at 127.N.(a+128).b, behind it. N is the lab's own.
 */
const APPS_FROM = 128;
const SERVICES_FROM = 200;
const SERVICES_TO = 239;
/** Programs' addresses of later pods would be those of Services. */
const PODS_TO = SERVICES_FROM - APPS_FROM - 1;
const HOSTS = 250;

export interface PodAddresses {
    /** Where others reach the pod. */
    address: string;
    /** Where its program listens when it has a sidecar. */
    appAddress: string;
}

/** From here on ports are free for all: below, many systems let only root listen. */
const FREE_PORTS = 1_024;
const LIFT = 20_000;

/** Where a pod's port is on this machine: a gateway's 80 at 20080. */
export function localPort({ gateway }: { gateway: boolean }, port: number): number {
    return gateway && port < FREE_PORTS ? port + LIFT : port;
}

/** Undefined for an address that is not of this lab's pods. */
export function podAddresses(podIP: string | undefined, octet: number): PodAddresses | undefined {
    const [first, second, a, b] = (podIP ?? "").split(".").map(Number);
    if (first !== 10 || second !== octet || !(a <= PODS_TO)) {
        return undefined;
    }
    return { address: `127.${octet}.${a}.${b}`, appAddress: `127.${octet}.${a + APPS_FROM}.${b}` };
}

/** The address of the number-th pod of a lab, as the API shows it. */
export function podIP(number: number, octet: number): string {
    const last = (PODS_TO + 1) * HOSTS;
    const place = number % last;
    return `10.${octet}.${Math.floor(place / HOSTS)}.${(place % HOSTS) + 2}`;
}

/** By "namespace/name": where a Service is reached, and what else names it. */
export type ServiceTable = Record<string, { address: string; clusterIP?: string }>;

/** Gives each Service an address, for as long as the lab lives, and writes them down for others. */
export class ServiceAddresses {
    private readonly table: ServiceTable;
    private readonly free: string[] = [];
    private given: number;

    constructor(
        private readonly file: string,
        private readonly octet: number,
    ) {
        this.table = readServiceTable(file);
        this.given = Object.keys(this.table).length;
    }

    /** Errors: the lab has more Services than addresses. */
    of(namespace: string, name: string, clusterIP: string | undefined): string {
        const key = `${namespace}/${name}`;
        const known = this.table[key];
        if (known !== undefined && known.clusterIP === clusterIP) {
            return known.address;
        }
        this.table[key] = { address: known?.address ?? this.next(), clusterIP };
        this.write();
        return this.table[key].address;
    }

    /** The Service is gone; its address is given to another one only when there are no others left. */
    forget(namespace: string, name: string): void {
        const key = `${namespace}/${name}`;
        const known = this.table[key];
        if (known !== undefined) {
            this.free.push(known.address);
            delete this.table[key];
            this.write();
        }
    }

    private next(): string {
        const a = SERVICES_FROM + Math.floor(this.given / HOSTS);
        if (a > SERVICES_TO) {
            const again = this.free.shift();
            if (again === undefined) {
                throw new Error("there are no more addresses for Services");
            }
            return again;
        }
        return `127.${this.octet}.${a}.${(this.given++ % HOSTS) + 1}`;
    }

    private write(): void {
        writeFileWhole(this.file, JSON.stringify(this.table, null, 4));
    }
}

export function readServiceTable(file: string): ServiceTable {
    return readJsonFile<ServiceTable>(file) ?? {};
}
