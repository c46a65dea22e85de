import { needsOfGate } from "../cluster/gate-needs";
import { readsFor } from "../cluster/look";
import type { Need } from "../cluster/need";
import { needsOfReads } from "../cluster/reads";
import { needsToAdopt } from "../components/helm-adoption";
import { needsToPatch } from "../components/object-patch";
import { needsToRemove } from "../components/operator-removal";
import { needsToShare } from "../components/shared-use";
import { effective } from "../config/next";
import { dialects } from "../dialects";
import type { Recorded } from "../render/record";
import type { Rendering } from "../render/render";
import { looksAt } from "../stacks/plan";
import { environmentOf } from "../verify/environment";
import { needsToVerify } from "../verify/needs";
import { madeObjects, needsToMake, needsToRefresh } from "./made";

/** What each of those who work with an environment needs. */
export interface NeedsByTask {
    /** `pulumi preview`, also with --refresh where the stack makes no Secrets. */
    preview: Need[];
    /** The rest of `pulumi preview --refresh`. */
    secrets: Need[];
    /** `pulumi up` and `pulumi destroy`. */
    deploy: Need[];
    /** `npm run verify`. */
    verify: Need[];
}

/** All needs of an environment, from its rendering. Pure. */
export function needsOf(rendering: Rendering, mark: string): NeedsByTask {
    const { config, facts, resources, gates, outputs } = rendering;
    const objects = madeObjects(resources);
    const [secrets, others] = [objects.filter((o) => o.kind === "Secret"), objects.filter((o) => o.kind !== "Secret")];
    const patches = dynamic(resources, "ObjectPatch").map((inputs) => needsToPatch(inputs as never));
    const preview = [
        ...needsOfReads(Object.values(readsFor(looksAt(config, mark), facts.apiGroups)).flat(), "the look"),
        ...patches.flatMap(({ reads }) => reads),
        ...others.flatMap(needsToRefresh),
    ];
    return {
        preview,
        secrets: secrets.flatMap(needsToRefresh),
        deploy: [
            ...preview,
            ...patches.flatMap(({ writes }) => writes),
            ...objects.flatMap(needsToMake),
            ...gates.flatMap((gate) => needsOfGate(gate)),
            ...needsOfRemovals(rendering),
        ],
        verify: needsToVerify(environmentOf(config, outputs), facts.apiGroups),
    };
}

/** What the dynamic resources need that act at a removal, or on what another mesh has left. */
function needsOfRemovals({ config, resources }: Rendering): Need[] {
    const { now, next } = effective(config);
    const operators = [now, ...(next ? [next] : [])].flatMap((c) => dialects[c.generation].operators(c));
    const owned = (name: string): string[] => operators.find((o) => o.package === name)?.owns ?? [];
    const moving = resources.some(({ type }) => type.endsWith(":ServiceMeshControlPlane"));
    return [
        ...dynamic(resources, "OperatorRemoval").flatMap((inputs) =>
            needsToRemove(inputs as never, owned(inputs.package)),
        ),
        ...dynamic(resources, "HelmAdoption").flatMap((inputs) => needsToAdopt(inputs as never, moving)),
        ...dynamic(resources, "SharedUse").flatMap((inputs) => needsToShare(inputs as never)),
    ];
}

function dynamic(resources: readonly Recorded[], kind: string): Recorded["inputs"][] {
    return resources.filter(({ type }) => type.endsWith(`:${kind}`)).map(({ inputs }) => inputs);
}
