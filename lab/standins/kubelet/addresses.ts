/** OpenShift's cluster network, 10.128.0.0/14; its first addresses are left to gateways. */
const FIRST = 10 * 2 ** 24 + 128 * 2 ** 16 + 2;

/** Hands out pod addresses, none twice. A data plane has a range of its own, in which they can be reached. */
export class Addresses {
    private nextNumber = FIRST;
    private readonly used = new Set<string>();
    private count = 0;

    constructor(private readonly dataPlane?: { podIP(number: number): string }) {}

    next(): string {
        if (this.dataPlane !== undefined) {
            return this.nextOf(this.dataPlane);
        }
        const number = this.nextNumber++;
        return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
    }

    /** An address that a pod has already; later ones come after it. */
    taken(address: string | undefined): void {
        if (this.dataPlane !== undefined) {
            this.used.add(address ?? "");
            return;
        }
        const number = (address ?? "").split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
        this.nextNumber = Math.max(this.nextNumber, number + 1);
    }

    /** The pod is gone. */
    free(address: string | undefined): void {
        this.used.delete(address ?? "");
    }

    private nextOf(range: { podIP(number: number): string }): string {
        for (;;) {
            const address = range.podIP(this.count++);
            if (!this.used.has(address)) {
                this.used.add(address);
                return address;
            }
        }
    }
}
