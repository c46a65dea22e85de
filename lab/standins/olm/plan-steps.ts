import type { KubeObject } from "../../../kube";
import { accessOf, csvOf } from "./bundle";
import { packageCrds } from "./package-crds";
import { CATALOG_NAMESPACE, type Pick } from "./resolver";
import type { OlmSettings } from "./settings";

export type StepStatus = "Unknown" | "Created" | "Present" | "WaitingForApi";

/** One object of an InstallPlan, as in its status.plan. */
export interface Step {
    /** The CSV that it is for. */
    resolving: string;
    resource: {
        group: string;
        version: string;
        kind: string;
        name: string;
        /** The whole object, as JSON. */
        manifest: string;
        sourceName: string;
        sourceNamespace: string;
    };
    status: StepStatus;
}

/** The steps of a plan in the order in which OLM takes them: CSVs, CRDs, then each CSV's account and rights. */
export async function planSteps(install: Pick[], namespace: string, settings: OlmSettings): Promise<Step[]> {
    const csvs = install.map((pick) => ({ pick, csv: csvOf(pick, namespace, imageOf(pick, settings)) }));
    const steps = csvs.map(({ pick, csv }) => stepOf(pick, csv));
    for (const { pick } of csvs) {
        const crds = await packageCrds(pick.pkg, pick.bundle.csv, namespace);
        steps.push(...crds.map((crd) => stepOf(pick, crd)));
    }
    return [...steps, ...csvs.flatMap(({ pick, csv }) => accessOf(csv).map((object) => stepOf(pick, object)))];
}

function stepOf({ pkg, bundle }: Pick, object: KubeObject): Step {
    const [group, version] = object.apiVersion.includes("/") ? object.apiVersion.split("/") : ["", object.apiVersion];
    return {
        resolving: bundle.csv,
        resource: {
            group,
            version,
            kind: object.kind,
            name: object.metadata.name,
            manifest: JSON.stringify(object),
            sourceName: pkg.source,
            sourceNamespace: CATALOG_NAMESPACE,
        },
        status: "Unknown",
    };
}

/** "never-ready" in an image's name is what the recordings' kubelet went by, and the lab's does. */
function imageOf({ pkg, bundle }: Pick, settings: OlmSettings): string {
    const never = [...settings.neverAvailable, ...settings.failing, "never-operator"].includes(pkg.name);
    const repository = never ? "never-ready" : pkg.source;
    return pkg.image ?? `registry.example.com/${repository}/${pkg.deployment}:${bundle.version}`;
}
