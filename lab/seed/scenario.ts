import type { KubeObject } from "../../kube";
import type { Release } from "../openshift";
import { deployment, namespace, route, service } from "./objects";

const APPS = "microsvc-sample";

/**
 * The scenario's namespace before the mesh: two services with Routes (the services themselves are yet to be deployed)
 * and two Tekton listeners with theirs, whose Deployments and Services the Tekton stand-in makes.
 */
export function scenario({ triggers }: Release): KubeObject[] {
    return [
        namespace(APPS),
        { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "pipeline", namespace: APPS } },
        ...["caller", "sample"].flatMap((name) => [
            route(APPS, name, name, 8080),
            route(APPS, `el-${name}`, `el-${name}`, "http-listener"),
            listener(name, triggers),
        ]),
    ];
}

/** What belongs to others and must come through everything as it is. */
export function neighbours(domain: string): KubeObject[] {
    return [
        namespace("other-team"),
        deployment("other-team", "other", "registry.example.com/other-team/other:2.3"),
        service("other-team", "other", { name: "http", port: 8080 }),
        route("other-team", "other", "other", "http", `other.${domain}`),
        namespace("other-mesh-app"),
        {
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name: "settings", namespace: "other-mesh-app" },
            data: { greeting: "hello" },
        },
    ];
}

function listener(name: string, apiVersion: string): KubeObject {
    return {
        apiVersion,
        kind: "EventListener",
        metadata: { name, namespace: APPS },
        spec: {
            serviceAccountName: "pipeline",
            triggers: [{ bindings: [{ ref: `${name}-binding` }], template: { name: `${name}-template` } }],
        },
    };
}
