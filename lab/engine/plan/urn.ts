export const STACK_TYPE = "pulumi:pulumi:Stack";

export interface UrnParts {
    stack: string;
    project: string;
    /** The types from the outermost component to the resource itself. */
    types: string[];
    /** The last of them. */
    type: string;
    name: string;
}

/** urn:pulumi:<stack>::<project>::<type>$<type>::<name>; the stack itself takes no part in its children's chain. */
export function urnOf(stack: string, project: string, parent: string | undefined, type: string, name: string): string {
    const outer = parent ? partsOf(parent).types.filter((t) => t !== STACK_TYPE) : [];
    return `urn:pulumi:${stack}::${project}::${[...outer, type].join("$")}::${name}`;
}

/** Errors: not a URN. */
export function partsOf(urn: string): UrnParts {
    const [head, project, chain, ...name] = urn.split("::");
    if (!head?.startsWith("urn:pulumi:") || chain === undefined || name.length === 0) {
        throw new Error(`"${urn}" is not a URN`);
    }
    const types = chain.split("$");
    return {
        stack: head.slice("urn:pulumi:".length),
        project,
        types,
        type: types[types.length - 1],
        name: name.join("::"),
    };
}

export interface AliasSpec {
    urn?: string;
    name?: string;
    type?: string;
    stack?: string;
    project?: string;
    parent?: string;
    noParent?: boolean;
}

/** The URN that an alias stands for, unsaid parts being those of the resource itself. */
export function aliasUrn(alias: AliasSpec, own: string, parent: string | undefined): string {
    if (alias.urn) {
        return alias.urn;
    }
    const self = partsOf(own);
    return urnOf(
        alias.stack || self.stack,
        alias.project || self.project,
        alias.noParent ? undefined : alias.parent || parent,
        alias.type || self.type,
        alias.name || self.name,
    );
}
