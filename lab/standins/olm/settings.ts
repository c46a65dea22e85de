import { z } from "zod";

const names = z.array(z.string());

const api = z.strictObject({ group: z.string(), version: z.string(), kind: z.string(), plural: z.string() });

/** One of a CSV's spec.webhookdefinitions, as far as the lab plays them. */
const webhookDefinition = z.strictObject({
    type: z.enum(["Mutating", "Validating"]),
    /** Also the name of the webhook. */
    generateName: z.string(),
    webhookPath: z.string(),
    rules: z.array(z.strictObject({ apiGroups: names, apiVersions: names, operations: names, resources: names })),
});

/** One package of a catalogue, as catalog.ts writes it. */
export const packageSchema = z.strictObject({
    name: z.string(),
    /** The CatalogSource that offers it. */
    source: z.string().default("redhat-operators"),
    displayName: z.string().optional(),
    provider: z.string().default("Red Hat"),
    defaultChannel: z.string().default("stable"),
    /** Channel -> its CSVs, oldest first; the last one is the channel's head. */
    channels: z.record(z.string(), names),
    /** Every version that any channel names. */
    bundles: z.array(
        z.strictObject({
            csv: z.string(),
            version: z.string(),
            replaces: z.string().optional(),
            /** Versions that it may replace directly: "from" inclusive, "below" exclusive. */
            skipRange: z.strictObject({ from: z.string(), below: z.string() }).optional(),
            /** Webhooks that OLM makes for it. */
            webhooks: z.array(webhookDefinition).default([]),
        }),
    ),
    deployment: z.string(),
    image: z.string().optional(),
    provides: z.array(api).default([]),
    /** Which of the lab's sets of CRDs it brings, when there are several of its API group. */
    crds: z.enum(["maistra-2"]).optional(),
    /** APIs of others that its CSV requires. Declared ones are known to the catalogue, so OLM resolves them. */
    requires: z.array(api.extend({ declared: z.boolean() })).default([]),
    installModes: z
        .array(z.enum(["OwnNamespace", "SingleNamespace", "MultiNamespace", "AllNamespaces"]))
        .default(["AllNamespaces"]),
});

export type PackageInput = z.input<typeof packageSchema>;

/** Delays are milliseconds of the real OLM (see timeScale). */
export const olmSettings = z
    .strictObject({
        /** down: its server is away, OLM still has what it read; cold: OLM was restarted meanwhile and has nothing. */
        catalog: z.enum(["up", "down", "cold"]).default("up"),
        /** Requests a second that each of OLM's two operators allows itself (client-go's default), and its burst. */
        requestsPerSecond: z.number().positive().default(5),
        requestBurst: z.number().min(1).default(10),
        /** From the existence of a CSV to the Subscription that says AtLatestKnown. */
        latestKnownDelay: z.number().min(0).default(1_500),
        /** More time before a CSV goes from InstallReady to Installing: a slow operator. */
        installDelay: z.number().min(0).default(0),
        /** How often InstallPlanPending comes and goes once the plan is Complete. */
        planPendingFlaps: z.number().int().min(0).default(3),
        /** Packages whose image is called "never-ready": with kubelet.neverReadyImages naming that, they never are. */
        neverAvailable: names.default([]),
        /** The same, and their Deployment exceeds its progress deadline after a second: a failure that stays. */
        failing: names.default([]),
        /** CSVs that the catalogue no longer has. */
        removedVersions: names.default([]),
        /** never-operator, hidden-operator and needer-operator, as in the recordings. */
        testPackages: z.boolean().default(false),
        /** Further packages; one of the same name and source replaces ours. */
        extraPackages: z.array(packageSchema).default([]),
        /** Packages that another team has installed before anyone comes. */
        preinstalled: names.default(["web-terminal"]),
        /** False: as with OLMConfig's features.disableCopiedCSVs. */
        copiedCSVs: z.boolean().default(true),
        /** The timed look at every namespace, and at every CSV; 0 = never. */
        resolveResync: z.number().min(0).default(900_000),
        csvResync: z.number().min(0).default(300_000),
        /** Give up on a Deployment that does not become available. */
        installTimeout: z.number().min(0).default(300_000),
    })
    .prefault({});

export type WebhookDefinition = z.infer<typeof webhookDefinition>;
export type OlmSettings = z.infer<typeof olmSettings>;
export type Package = z.infer<typeof packageSchema>;
export type Bundle = Package["bundles"][number];
export type Api = z.infer<typeof api>;
