"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.OUTPUT_NAMES = void 0;
exports.strangeness = strangeness;
exports.fault = fault;
exports.absence = absence;
exports.misnamed = misnamed;
const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === "string";
const texts = (is) => ({ is, test: (v) => isMap(v) && Object.values(v).every(isText) });
const SHAPES = {
    routeHosts: texts("hosts by name"),
    urls: texts("URLs by name"),
    controlPlane: {
        is: "name, namespace, generation, version and mtls of the control plane",
        test: (v) => isMap(v) && ["name", "namespace", "generation", "version", "mtls"].every((key) => isText(v[key])),
    },
    operators: texts("versions by package"),
    members: { is: "a list of namespaces", test: (v) => Array.isArray(v) && v.every(isText) },
    services: {
        is: "namespace, host and port of services, by name",
        test: (v) => isMap(v) &&
            Object.values(v).every((one) => isMap(one) && isText(one.namespace) && isText(one.host) && typeof one.port === "number"),
    },
};
/** The names of the contract. */
exports.OUTPUT_NAMES = Object.keys(SHAPES);
/** Why nothing can be read of a stack that has these outputs; undefined: it is one of the mesh's, as far as can be told. */
function strangeness(stack, outputs) {
    const names = Object.keys(outputs);
    if (names.length === 0) {
        return [
            `stack ${stack} has no outputs`,
            `  It has not been provisioned, or has been destroyed. Provision it first:  pulumi up --stack ${stack}`,
        ].join("\n");
    }
    if (exports.OUTPUT_NAMES.some((name) => name in outputs)) {
        return undefined;
    }
    return [
        `stack ${stack} is not a stack of the mesh`,
        `  Its outputs are ${list(names)}; a stack of the mesh has ${list(exports.OUTPUT_NAMES)}.`,
        "  A name without a project means a stack of the project that asks: write <organization>/<project>/<stack>,",
        "  with a backend that has no organizations organization/<project>/<stack>.",
    ].join("\n");
}
/** Why one output cannot be read; undefined: it is there, and what the contract says. */
function fault(stack, outputs, name) {
    if (!(name in outputs)) {
        return [
            `stack ${stack} has no output ${name}: ${SHAPES[name].is}`,
            "  It was provisioned by an older version of its program. Run pulumi up there with a newer one, or do",
            `  without ${name}; it has ${list(exports.OUTPUT_NAMES.filter((one) => one in outputs))}.`,
        ].join("\n");
    }
    if (SHAPES[name].test(outputs[name])) {
        return undefined;
    }
    return [
        `output ${name} of stack ${stack} is not ${SHAPES[name].is}`,
        "  Either the stack is not one of the mesh, or its program is newer than this helper: use the helper of the",
        "  program's own version.",
    ].join("\n");
}
/** Why there is nothing of that name in an output. */
function absence(stack, output, wanted, names) {
    return [
        `stack ${stack} has no ${wanted} in ${output}`,
        names.length === 0 ? "  There is none at all." : `  There is ${list(names)}.`,
    ].join("\n");
}
/** Why a stack cannot be asked for by this name; undefined: it can. */
function misnamed(name) {
    const parts = name.split("/");
    if (parts.length === 3 && parts.every((part) => /^[\w.-]+$/.test(part))) {
        return undefined;
    }
    return [
        `"${name}" does not name a stack of another project`,
        "  Write <organization>/<project>/<stack>, with a backend that has no organizations",
        "  organization/<project>/<stack>, e.g. organization/mesh/prod.",
    ].join("\n");
}
function list(names) {
    return [...names].sort().join(", ");
}
