import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ReadResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { Goal } from "./goal";
import { STACK_TYPE } from "./plan/urn";
import { StateFile } from "./state";
import { hasSecret, type Props } from "./values";

const TYPE = "pulumi:pulumi:StackReference";
/** What a file backend calls every organization (pulumi pkg/backend/diy). */
export const ORGANIZATION = "organization";

/** Where a stack's state is among those of an engine's folder. */
export function stateFileOf(home: string, project: string, stack: string): string {
    return join(home, `${project}.${stack}.json`);
}

/** A StackReference as it is remembered. Errors: anything else that is to be read, by name. */
export function referenceOf(request: ReadResourceRequest): Goal & { id: string } {
    if (request.getType() !== TYPE) {
        const what = `reading what others made (${request.getType()} "${request.getName()}")`;
        throw new Error(`the stand-in engine does not have ${what}`);
    }
    return {
        type: TYPE,
        name: request.getName(),
        id: request.getId(),
        custom: true,
        parent: request.getParent() || undefined,
        inputs: { name: request.getId() },
        dependencies: request.getDependenciesList(),
        propertyDependencies: {},
        additionalSecretOutputs: [],
        ignoreChanges: [],
        replaceOnChanges: [],
        aliases: [],
        timeoutSeconds: {},
    };
}

/**
 * What a StackReference tells of a stack whose state is in the same folder: its outputs as its last run left them. A name
 * without a project is one of the asking project. Source of names and words: pulumi pkg/backend/diy/backend.go,
 * pkg/resource/deploy/builtins.go. Errors: no such stack.
 */
export function readStack(name: string, asking: { home: string; project: string }): Props {
    const parts = name.split("/");
    if (parts.length === 2 || (parts.length === 3 && parts[0] !== ORGANIZATION)) {
        throw new Error(`organization name must be '${ORGANIZATION}'`);
    }
    const [stack, project = asking.project] = parts.reverse();
    const file = stateFileOf(asking.home, project, stack);
    if (parts.length > 3 || !parts.every((part) => /^[\w.-]+$/.test(part)) || !existsSync(file)) {
        throw new Error(`unknown stack "${name}"`);
    }
    const outputs = StateFile.open(file).resources.find((r) => r.type === STACK_TYPE)?.outputs ?? {};
    const secrets = Object.keys(outputs).filter((key) => hasSecret(outputs[key]));
    return { name, outputs, secretOutputNames: secrets };
}
