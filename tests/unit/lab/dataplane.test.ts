import { deepEqual, equal, notEqual } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { podAddresses, podIP, readServiceTable, ServiceAddresses } from "../../../lab/dataplane/addresses";
import { takeOctet } from "../../../lab/dataplane/octet";

describe("Data plane: addresses", () => {
    it("two labs have different octets", async () => {
        const first = await takeOctet();
        const second = await takeOctet();
        notEqual(first.number, second.number);
        first.release();
        second.release();
    });

    it("a pod's addresses on this machine follow from the one in the API; others have none", () => {
        deepEqual(podAddresses("10.20.3.4", 20), { address: "127.20.3.4", appAddress: "127.20.131.4" });
        equal(podAddresses("10.21.3.4", 20), undefined);
        equal(podAddresses("10.20.72.4", 20), undefined, "its program's address would be a Service's");
        equal(podAddresses(undefined, 20), undefined);
    });

    it("all pods get addresses that can be reached, and no two the same", () => {
        const all = Array.from({ length: 18_000 }, (_, number) => podIP(number, 20));
        equal(new Set(all).size, all.length);
        all.forEach((ip) => notEqual(podAddresses(ip, 20), undefined, ip));
    });

    it("a Service keeps its address, and others read it", () => {
        const folder = mkdtempSync(join(tmpdir(), "addresses-"));
        try {
            const file = join(folder, "addresses.json");
            const addresses = new ServiceAddresses(file, 20);
            const sample = addresses.of("app", "sample", "172.30.0.5");
            notEqual(addresses.of("app", "caller", undefined), sample);
            equal(addresses.of("app", "sample", "172.30.0.9"), sample);
            equal(new ServiceAddresses(file, 20).of("app", "sample", "172.30.0.9"), sample);
            deepEqual(readServiceTable(file)["app/sample"], { address: sample, clusterIP: "172.30.0.9" });
            addresses.forget("app", "sample");
            equal(readServiceTable(file)["app/sample"], undefined);
        } finally {
            rmSync(folder, { recursive: true });
        }
    });
});
