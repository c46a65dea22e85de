import type { KubeObject } from "../../kube";
import { istioValues } from "./sail-values";
import { isAlias, type SailRelease } from "./sail-versions";

/**
 * The kinds of the Sail operator (openshift-service-mesh/sail-operator, release-3.2, api/v1 and bundle/manifests), as
 * far as their schemas decide something: versions, defaults, what is immutable, what a name must be.
 */

type Schema = Record<string, unknown>;

const STRING = { type: "string" };
const BOOLEAN = { type: "boolean" };
const ANYTHING = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
const PROFILES = [
    ...["ambient", "default", "demo", "empty", "external", "openshift"],
    ...["openshift-ambient", "preview", "remote", "stable"],
];
const HIDDEN_NAMESPACE = "self.values.global.istioNamespace == self.__namespace__";

/** The CRDs as a release of the operator brings them. */
export function sailCrdsOf(release: SailRelease): KubeObject[] {
    return [
        crd("Istio", "istios", { spec: istioSpec(release), status: istioStatus() }, [
            column("Namespace", ".spec.namespace"),
            column("Profile", ".spec.profile"),
            column("Revisions", ".status.revisions.total"),
            column("Ready", ".status.revisions.ready"),
            column("In use", ".status.revisions.inUse"),
            column("Active Revision", ".status.activeRevisionName"),
            column("Status", ".status.state"),
            column("Version", ".spec.version"),
        ]),
        crd(
            "IstioRevision",
            "istiorevisions",
            {
                spec: revisionSpec(release),
                status: status(),
                rules: [
                    {
                        rule:
                            "self.metadata.name == 'default' ? " +
                            "(!has(self.spec.values.revision) || size(self.spec.values.revision) == 0) : " +
                            "self.spec.values.revision == self.metadata.name",
                        message: "spec.values.revision must match metadata.name or be empty when the name is 'default'",
                    },
                ],
            },
            [
                column("Namespace", ".spec.namespace"),
                column("Profile", ".spec.values.profile"),
                column("Ready", '.status.conditions[?(@.type=="Ready")].status'),
                column("Status", ".status.state"),
                column("In use", '.status.conditions[?(@.type=="InUse")].status'),
                column("Version", ".spec.version"),
            ],
            ["istiorev"],
        ),
        crd(
            "IstioCNI",
            "istiocnis",
            {
                spec: cniSpec(release),
                status: status(),
                rules: [{ rule: "self.metadata.name == 'default'", message: "metadata.name must be 'default'" }],
            },
            [
                column("Namespace", ".spec.namespace"),
                column("Profile", ".spec.profile"),
                column("Ready", '.status.conditions[?(@.type=="Ready")].status'),
                column("Status", ".status.state"),
                column("Version", ".spec.version"),
            ],
        ),
        crd(
            "IstioRevisionTag",
            "istiorevisiontags",
            { spec: tagSpec(), status: status({ istioRevision: STRING, istiodNamespace: STRING }) },
            [
                column("Status", ".status.state"),
                column("In use", '.status.conditions[?(@.type=="InUse")].status'),
                column("Revision", ".status.istioRevision"),
            ],
            ["istiorevtag"],
        ),
        crd("ZTunnel", "ztunnels", { spec: ANYTHING, status: status() }, [column("Status", ".status.state")]),
    ];
}

function istioSpec(release: SailRelease): Schema {
    const strategy = { type: "InPlace" };
    return {
        type: "object",
        default: { namespace: "istio-system", updateStrategy: strategy, version: release.default },
        required: ["namespace", "version"],
        properties: {
            namespace: immutableNamespace("istio-system"),
            profile: { type: "string", enum: PROFILES },
            updateStrategy: {
                type: "object",
                default: strategy,
                properties: {
                    type: { type: "string", enum: ["InPlace", "RevisionBased"], default: "InPlace" },
                    inactiveRevisionDeletionGracePeriodSeconds: { type: "integer", format: "int64", minimum: 0 },
                    updateWorkloads: BOOLEAN,
                },
            },
            values: istioValues(),
            version: { type: "string", default: release.default, enum: release.offered },
        },
        "x-kubernetes-validations": [
            {
                rule:
                    "!has(self.values) || !has(self.values.global) || " +
                    `!has(self.values.global.istioNamespace) || ${HIDDEN_NAMESPACE}`,
                message: "spec.values.global.istioNamespace must match spec.namespace",
            },
        ],
    };
}

function revisionSpec(release: SailRelease): Schema {
    return {
        type: "object",
        required: ["namespace", "version"],
        properties: {
            namespace: immutableNamespace(),
            values: istioValues(),
            version: { type: "string", enum: release.offered.filter((version) => !isAlias(version)) },
        },
        "x-kubernetes-validations": [
            { rule: HIDDEN_NAMESPACE, message: "spec.values.global.istioNamespace must match spec.namespace" },
        ],
    };
}

function cniSpec(release: SailRelease): Schema {
    return {
        type: "object",
        default: { namespace: "istio-cni", version: release.default },
        required: ["namespace", "version"],
        properties: {
            namespace: immutableNamespace("istio-cni"),
            profile: { type: "string", enum: PROFILES },
            values: { type: "object", properties: { cni: ANYTHING, global: ANYTHING } },
            version: { type: "string", default: release.default, enum: release.offered },
        },
    };
}

function tagSpec(): Schema {
    const text = { type: "string", minLength: 1, maxLength: 253 };
    return {
        type: "object",
        required: ["targetRef"],
        properties: {
            targetRef: { type: "object", required: ["kind", "name"], properties: { kind: text, name: text } },
        },
    };
}

function immutableNamespace(byDefault?: string): Schema {
    return {
        type: "string",
        ...(byDefault === undefined ? {} : { default: byDefault }),
        "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "Value is immutable" }],
    };
}

function istioStatus(): Schema {
    const count = { type: "integer", format: "int32" };
    return status({
        activeRevisionName: STRING,
        revisions: {
            type: "object",
            required: ["inUse", "ready", "total"],
            properties: { inUse: count, ready: count, total: count },
        },
    });
}

function status(more: Schema = {}): Schema {
    const time = { type: "string", format: "date-time" };
    const condition = { lastTransitionTime: time, message: STRING, reason: STRING, status: STRING, type: STRING };
    return {
        type: "object",
        properties: {
            conditions: { type: "array", items: { type: "object", properties: condition } },
            observedGeneration: { type: "integer", format: "int64" },
            state: STRING,
            ...more,
        },
    };
}

function column(name: string, jsonPath: string): object {
    return { name, type: "string", jsonPath };
}

function crd(
    kind: string,
    plural: string,
    schema: { spec: Schema; status: Schema; rules?: object[] },
    columns: object[],
    shortNames?: string[],
): KubeObject {
    const group = "sailoperator.io";
    const age = { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" };
    const openAPIV3Schema = {
        type: "object",
        properties: { metadata: { type: "object" }, spec: schema.spec, status: schema.status },
        ...(schema.rules ? { "x-kubernetes-validations": schema.rules } : {}),
    };
    return {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: `${plural}.${group}` },
        spec: {
            group,
            scope: "Cluster",
            names: {
                kind,
                listKind: `${kind}List`,
                plural,
                singular: kind.toLowerCase(),
                categories: ["istio-io"],
                ...(shortNames ? { shortNames } : {}),
            },
            versions: [
                {
                    name: "v1",
                    served: true,
                    storage: true,
                    subresources: { status: {} },
                    additionalPrinterColumns: [...columns, age],
                    schema: { openAPIV3Schema },
                },
            ],
        },
    };
}
