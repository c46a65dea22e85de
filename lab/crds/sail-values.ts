type Schema = Record<string, unknown>;

const STRING = { type: "string" };
const BOOLEAN = { type: "boolean" };
const ANYTHING = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
const QUANTITY = { anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true };

/** Helm values: the names of the first level are all known, below it only some have a type. */
export function istioValues(): Schema {
    const known = (properties: Schema): Schema => ({ ...ANYTHING, properties });
    const selector = {
        type: "object",
        properties: {
            matchLabels: { type: "object", additionalProperties: STRING },
            matchExpressions: { type: "array", items: ANYTHING },
        },
    };
    return {
        type: "object",
        properties: {
            base: ANYTHING,
            compatibilityVersion: STRING,
            defaultRevision: STRING,
            experimental: ANYTHING,
            gatewayClasses: ANYTHING,
            global: known({
                configValidation: BOOLEAN,
                istioNamespace: STRING,
                platform: STRING,
                proxy: known({
                    autoInject: STRING,
                    image: STRING,
                    resources: known({
                        limits: { type: "object", additionalProperties: QUANTITY },
                        requests: { type: "object", additionalProperties: QUANTITY },
                    }),
                }),
            }),
            istiodRemote: ANYTHING,
            meshConfig: known({
                discoverySelectors: { type: "array", items: selector },
                extensionProviders: { type: "array", items: known({ name: STRING }) },
            }),
            pilot: known({
                autoscaleEnabled: BOOLEAN,
                autoscaleMax: { type: "integer" },
                autoscaleMin: { type: "integer" },
                cni: known({ enabled: BOOLEAN }),
                env: { type: "object", additionalProperties: STRING },
                replicaCount: { type: "integer" },
                traceSampling: { type: "number" },
            }),
            profile: STRING,
            revision: STRING,
            sidecarInjectorWebhook: ANYTHING,
            telemetry: ANYTHING,
        },
    };
}
