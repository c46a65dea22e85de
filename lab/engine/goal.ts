import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { AliasSpec } from "./plan/urn";
import type { Props } from "./values";

/** What a program wants of one resource: a registration, without the wire. */
export interface Goal {
    type: string;
    name: string;
    custom: boolean;
    parent?: string;
    inputs: Props;
    dependencies: string[];
    propertyDependencies: Record<string, string[]>;
    additionalSecretOutputs: string[];
    ignoreChanges: string[];
    replaceOnChanges: string[];
    aliases: AliasSpec[];
    protect?: boolean;
    retainOnDelete?: boolean;
    deletedWith?: string;
    /** undefined: as the provider thinks best. */
    deleteBeforeReplace?: boolean;
    timeoutSeconds: { create?: number; update?: number; delete?: number };
}

/** Errors: what the stand-in engine does not do, by name. */
export function goalOf(request: RegisterResourceRequest): Goal {
    refuse(request);
    const timeouts = request.getCustomtimeouts();
    const dependencies: Record<string, string[]> = {};
    request.getPropertydependenciesMap().forEach((value, key) => {
        dependencies[key] = value.getUrnsList();
    });
    return {
        type: request.getType(),
        name: request.getName(),
        custom: request.getCustom(),
        parent: request.getParent() || undefined,
        inputs: (request.getObject()?.toJavaScript() ?? {}) as Props,
        dependencies: request.getDependenciesList(),
        propertyDependencies: dependencies,
        additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
        ignoreChanges: request.getIgnorechangesList(),
        replaceOnChanges: request.getReplaceonchangesList(),
        aliases: aliasesOf(request),
        protect: request.hasProtect() ? request.getProtect() : undefined,
        retainOnDelete: request.hasRetainondelete() ? request.getRetainondelete() : undefined,
        deletedWith: request.getDeletedwith() || undefined,
        deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
        timeoutSeconds: {
            create: seconds(timeouts?.getCreate()),
            update: seconds(timeouts?.getUpdate()),
            delete: seconds(timeouts?.getDelete()),
        },
    };
}

function refuse(request: RegisterResourceRequest): void {
    const hooks = request.getHooks()?.toObject() ?? {};
    const refused: [boolean, string][] = [
        [request.getRemote(), "components of other packages"],
        [request.getType().startsWith("pulumi:providers:"), "explicit providers"],
        [request.getProvider() !== "", "explicit providers"],
        [request.getImportid() !== "", "the option import"],
        [request.getTransformsList().length > 0, "transforms"],
        [Object.values(hooks).some((list) => Array.isArray(list) && list.length > 0), "hooks"],
        [request.getReplaceWithList().length > 0, "the option replaceWith"],
        [request.hasReplacementTrigger(), "the option replacementTrigger"],
        [request.getStateMigrationsList().length > 0, "state migrations"],
    ];
    const found = refused.filter(([is]) => is).map(([, what]) => what);
    if (found.length > 0) {
        const what = [...new Set(found)].join(" and ");
        throw new Error(`the stand-in engine does not have ${what} (${request.getType()} "${request.getName()}")`);
    }
}

function aliasesOf(request: RegisterResourceRequest): AliasSpec[] {
    const urns = request.getAliasurnsList().map((urn) => ({ urn }));
    const specs = request.getAliasesList().map((alias) => {
        const spec = alias.getSpec();
        if (!spec) {
            return { urn: alias.getUrn() };
        }
        return {
            name: spec.getName(),
            type: spec.getType(),
            stack: spec.getStack(),
            project: spec.getProject(),
            parent: spec.hasParenturn() ? spec.getParenturn() : undefined,
            noParent: spec.hasNoparent() ? spec.getNoparent() : undefined,
        };
    });
    return [...urns, ...specs];
}

const UNIT_SECONDS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** A duration as Go writes it: "90s", "1h30m". Errors: anything else. */
export function seconds(text: string | undefined): number | undefined {
    if (!text) {
        return undefined;
    }
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
    if (parts.map((p) => p[0]).join("") !== text) {
        throw new Error(`"${text}" is not a duration like 90s or 1h30m`);
    }
    return parts.reduce((sum, [, number, unit]) => sum + Number(number) * UNIT_SECONDS[unit], 0);
}
