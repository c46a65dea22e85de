/**
 * The stack file that the template shows: every key of the schema with a value that one might give it. Its keys stand in
 * the template in the schema's order, each where it is explained first.
 */
const IMAGE = `registry.example.com/shop/cart@sha256:${"0".repeat(64)}`;
const resources = {
    requests: { cpu: "100m", memory: "128Mi" },
    limits: { cpu: "500m", memory: "256Mi" },
};
const rules = [
    {
        namespaces: ["shop"],
        services: ["shop/basket"],
        principals: ["cluster.local/ns/shop/sa/ledger"],
        methods: ["GET", "POST"],
        paths: ["/api/*"],
    },
    { gateway: true },
];

/** Without `mesh:`. */
export const EXAMPLE: Readonly<Record<string, unknown>> = {
    generation: "3",
    part: "both",
    platform: "acme/mesh/prod-platform",
    appsDomain: "apps.example.com",
    uniqueNames: false,
    protect: true,
    catalog: { source: "redhat-operators", sourceNamespace: "openshift-marketplace" },
    operators: {
        servicemesh: {
            install: "auto",
            channel: "stable-3.2",
            startingCSV: "servicemeshoperator3.v3.2.1",
            approval: "Manual",
            source: "redhat-operators",
            sourceNamespace: "openshift-marketplace",
            resources,
        },
        elasticsearch: {},
        jaeger: {},
        kiali: {},
        opentelemetry: {},
        tempo: {},
    },
    controlPlane: {
        name: "default",
        namespace: "istio-system",
        version: "v1.27.9",
        updateStrategy: { type: "RevisionBased", gracePeriodSeconds: 30 },
        mtls: "strict",
        tracing: {
            enabled: true,
            sampling: 1,
            backend: "tempo",
            storage: "object",
            secret: "traces",
            secretType: "s3",
            size: "10Gi",
        },
        consoles: ["kiali", "jaeger"],
        proxy: resources,
        gateways: {
            ingress: {
                api: "istio",
                autoscale: true,
                namespace: "istio-system-ingress",
                replicas: { min: 2, max: 5 },
                minAvailable: 1,
                antiAffinity: "preferred",
                ...resources,
            },
            egress: { autoscale: false },
        },
        mixer: { policy: { autoscale: false }, telemetry: { autoscale: false, ...resources } },
        pilot: { autoscale: false },
        routes: "stack",
    },
    membership: "labels",
    namespaces: {
        shop: {
            gateway: "shop-gateway",
            existingRoutes: { cart: "managed", "el-cart": "exception" },
            services: {
                cart: {
                    image: IMAGE,
                    host: "cart.apps.example.com",
                    tls: {
                        mode: "reencrypt",
                        credential: "cart-certificate",
                        destinationCA: "-----BEGIN CERTIFICATE-----\n...\n-----END CERTIFICATE-----\n",
                        insecure: "redirect",
                    },
                    port: 8080,
                    replicas: 2,
                    minAvailable: 1,
                    antiAffinity: "preferred",
                    container: "cart",
                    properties: { "greeting.text": "hello" },
                    env: { LOG_LEVEL: "info", DB_PASSWORD: { secret: "db-password" }, TOKEN: { generate: 32 } },
                    ...resources,
                    probes: { liveness: "/health/live", readiness: "/health/ready" },
                    allow: rules,
                    deny: rules,
                    check: {
                        method: "POST",
                        path: "/api/cart",
                        body: '{"item":1}',
                        contentType: "application/json",
                        expect: 201,
                    },
                },
                basket: {
                    build: {
                        git: "https://git.example.com/shop/basket.git",
                        ref: "v1.2.0",
                        context: "server",
                        containerfile: "Containerfile",
                    },
                },
                ledger: { existing: "Deployment" },
            },
        },
    },
    secrets: { "db-password": "never here in plain: pulumi config set --secret" },
    timeouts: { operator: 600, controlPlane: 900, membership: 300, build: 900, rollout: 600, routes: 120 },
    next: {
        generation: "3",
        controlPlane: { name: "default", version: "v1.27.9" },
        operators: { servicemesh: {} },
        namespaces: ["shop"],
    },
};

/** What a new environment has to say; everything else is commented out. */
export const NEEDED: ReadonlySet<string> = new Set([
    "generation",
    "namespaces",
    "namespaces.shop",
    "namespaces.shop.services",
    "namespaces.shop.services.cart",
    "namespaces.shop.services.cart.image",
]);
