import type { KubeObject } from "../../../kube";

/** An API as OLM compares them. */
export interface Gvk {
    group: string;
    version: string;
    kind: string;
}

interface Property {
    type: string;
    value: any;
}

/** The package that OLM noted on the CSV when it installed it. */
export function packageOf(csv: KubeObject): string | undefined {
    return propertiesOf(csv).find((p) => p.type === "olm.package")?.value.packageName;
}

/** The APIs that the CSV provides. */
export function providedBy(csv: KubeObject): Gvk[] {
    return propertiesOf(csv)
        .filter((p) => p.type === "olm.gvk")
        .map((p) => p.value);
}

export function sameApi(a: Gvk, b: Gvk): boolean {
    return a.group === b.group && a.version === b.version && a.kind === b.kind;
}

function propertiesOf(csv: KubeObject): Property[] {
    const text = csv.metadata.annotations?.["operatorframework.io/properties"];
    return text ? JSON.parse(text).properties : [];
}
