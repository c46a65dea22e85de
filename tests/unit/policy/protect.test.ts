import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { fromRendering } from "../../../policy/from-rendering";
import { judgeBy } from "../../../policy/judge";
import { protectedFromDeletion } from "../../../policy/rules/protection";
import { record } from "../../../render/record";

describe("policies: protect in a rendering", () => {
    it("is seen on a resource, and on those of a component that has it", async () => {
        const { resources } = await record(
            async () => {
                const whole = new pulumi.ComponentResource("mesh:index:ControlPlane", "whole", {}, { protect: true });
                declare("inherited", { parent: whole });
                declare("own", { protect: true });
                declare("without", {});
                return {};
            },
            { project: "mesh", stack: "prod" },
        );
        const findings = judgeBy(protectedFromDeletion, fromRendering(resources), {});
        assert.deepEqual(findings.map(({ of }) => of.name).sort(), ["without", "without/home"]);
    });
});

function declare(name: string, opts: pulumi.CustomResourceOptions): void {
    new k8s.core.v1.Namespace(`${name}/home`, { metadata: { name } }, opts);
    const kind = { apiVersion: "maistra.io/v2", kind: "ServiceMeshControlPlane" };
    new k8s.apiextensions.CustomResource(name, { ...kind, metadata: { name, namespace: name }, spec: {} }, opts);
}
