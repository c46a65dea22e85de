"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.meshOutputs = meshOutputs;
const pulumi = require("@pulumi/pulumi");
const check_1 = require("./check");
/**
 * What a stack of the mesh tells, with types. The run fails, with one message that says what to do, when the stack has not
 * been provisioned, is another program's, or is too old to have what is used. That there is no stack of the name is said
 * by Pulumi itself.
 * @param reference the stack, or its name: <organization>/<project>/<stack>
 */
function meshOutputs(reference) {
    const stack = typeof reference === "string" ? referTo(reference) : reference;
    const known = pulumi
        .all([stack.name, stack.outputs])
        .apply(([name, outputs]) => {
        refuse((0, check_1.strangeness)(name, outputs));
        return { name, outputs };
    });
    const read = (key) => plain(known.apply(({ name, outputs }) => {
        refuse((0, check_1.fault)(name, outputs, key));
        return outputs[key];
    }));
    const one = (key, wanted) => plain(pulumi.all([stack.name, read(key)]).apply(([name, all]) => {
        refuse(Object.hasOwn(all, wanted) ? undefined : (0, check_1.absence)(name, key, wanted, Object.keys(all)));
        return all[wanted];
    }));
    return {
        get routeHosts() {
            return read("routeHosts");
        },
        get urls() {
            return read("urls");
        },
        get controlPlane() {
            return read("controlPlane");
        },
        get operators() {
            return read("operators");
        },
        get members() {
            return read("members");
        },
        get services() {
            return read("services");
        },
        url: (name) => one("urls", name),
        service: (name) => one("services", name),
    };
}
/** What apply() would unwrap holds no Outputs, which its type cannot know. */
function plain(output) {
    return output;
}
function referTo(name) {
    refuse((0, check_1.misnamed)(name));
    return new pulumi.StackReference(name);
}
/** Ends the run with one message and no stack trace. The SDK would write in front of it which property it went through. */
function refuse(message) {
    if (message !== undefined) {
        const error = new pulumi.RunError(message);
        error.stack = message;
        throw Object.defineProperty(error, "message", { get: () => message, set: () => undefined });
    }
}
