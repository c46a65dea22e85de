import { deepEqual, equal } from "node:assert/strict";
import type { Kube } from "../../../kube";
import { allowedToJoin, allowedToUse } from "../../../lab/standins/maistra/common/access";

interface Asked {
    user: string;
    resourceAttributes: { verb: string; resource: string; namespace: string; name?: string };
}

/** An API server that allows what `allows` says, and remembers what it was asked. */
function server(allows: (asked: Asked["resourceAttributes"]) => boolean): { kube: Kube; asked: Asked[] } {
    const asked: Asked[] = [];
    const raw = async (_method: string, _path: string, body: { spec: Asked }) => {
        asked.push(body.spec);
        return { status: { allowed: allows(body.spec.resourceAttributes) } };
    };
    return { kube: { raw } as unknown as Kube, asked };
}

const user = { username: "dev", groups: ["devs"] };

describe("Maistra stand-in: who may join", () => {
    it("whoever may change pods everywhere may name any namespace, and is asked once", async () => {
        const { kube, asked } = server(({ namespace }) => namespace === "");
        equal(await allowedToJoin(kube, user, ["a", "b"]), undefined);
        equal(asked.length, 1);
    });

    it("others must have the right in each namespace that is new", async () => {
        const inA = ({ namespace, verb, resource }: Asked["resourceAttributes"]) =>
            `${verb} ${resource} ${namespace}` === "update pods a";
        const { kube } = server(inA);
        equal(
            await allowedToJoin(kube, user, ["a", "b", "c"]),
            "user 'dev' does not have permission to access namespace(s): [b c]",
        );
        equal(await allowedToJoin(kube, user, ["a"]), undefined);
        equal(await allowedToJoin(kube, user, []), undefined);
    });

    it("a member needs the right to use its control plane", async () => {
        const controlPlaneRef = { name: "basic", namespace: "istio-system" };
        const metadata = { name: "default", namespace: "a" };
        const member = { apiVersion: "maistra.io/v1", kind: "ServiceMeshMember", metadata, spec: { controlPlaneRef } };
        const refusing = server(() => false);
        equal(
            await allowedToUse(refusing.kube, user, member),
            "user 'dev' does not have permission to use ServiceMeshControlPlane istio-system/basic",
        );
        deepEqual(refusing.asked[0].resourceAttributes, {
            ...controlPlaneRef,
            verb: "use",
            group: "maistra.io",
            resource: "servicemeshcontrolplanes",
        });
        equal(await allowedToUse(server(() => true).kube, user, member), undefined);
    });
});
