/** OpenShift's cluster network, 10.128.0.0/14; its first addresses are left to gateways. */
const FIRST = 10 * 2 ** 24 + 128 * 2 ** 16 + 2;

/** Hands out pod addresses, none twice. */
export class Addresses {
    private nextNumber = FIRST;

    next(): string {
        const number = this.nextNumber++;
        return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
    }

    /** An address that a pod has already; later ones come after it. */
    taken(address: string | undefined): void {
        const number = (address ?? "").split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
        this.nextNumber = Math.max(this.nextNumber, number + 1);
    }
}
