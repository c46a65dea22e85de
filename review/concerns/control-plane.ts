import type { Change } from "../changes";
import { at, code, type Concern, type Finder, fromTo, some } from "./concern";

const CONTROL_PLANES = ["ServiceMeshControlPlane", "Istio", "IstioCNI", "IstioRevisionTag"];

/** Operators whose upgrade takes their control planes along. */
const MESH_OPERATORS = /^servicemeshoperator/;

/** What an operator does on its own once this changes: other versions come. */
const VERSION_FIELDS = ["spec.channel", "spec.startingCSV", "spec.source", "spec.sourceNamespace", "spec.name"];

/** Control planes that come, go, restart or become another version, and the operators that decide over them. */
export const controlPlanes: Finder = ({ before, after, changes }) => [
    ...generation(at(before.outputs, "controlPlane.generation"), at(after.outputs, "controlPlane.generation")),
    ...changes.filter(({ is }) => CONTROL_PLANES.includes(is.kind) && !is.patch).map(controlPlane),
    ...changes.filter(({ is }) => is.kind === "Subscription").flatMap(subscription),
];

function generation(before: unknown, after: unknown): Concern[] {
    return before === undefined || after === undefined || before === after
        ? []
        : [{ topic: "controlPlane", warns: true, text: `the mesh moves from generation ${fromTo(before, after)}` }];
}

function controlPlane({ operation, is, before, after, fields, because }: Change): Concern {
    const say = (text: string, warns = true): Concern => ({
        topic: "controlPlane",
        warns,
        text: `${is.title} ${text}`,
    });
    if (operation === "created") {
        return say("is made", false);
    }
    if (operation === "deleted") {
        return say("goes: sidecars lose what configures them and signs their certificates");
    }
    if (operation === "replaced") {
        return say(`is made anew (${some(because.map(code))}): until it is ready, no sidecar starts`);
    }
    const [was, will] = [before, after].map((d) => at(d?.body, "spec.version"));
    if (was !== will) {
        return say(
            `becomes another version, ${fromTo(was, will)}: it restarts, and sidecars follow when their pods do`,
        );
    }
    const paths = fields.map(({ path }) => code(path));
    const onlyMeta = fields.every(({ path }) => /^(metadata|protect)\b/.test(path));
    return onlyMeta
        ? { topic: "rest", warns: false, text: `${is.title} goes on as it is, with other ${some(paths)}` }
        : say(`changes (${some(paths)}): its operator restarts the components that this concerns`);
}

function subscription({ operation, is, fields }: Change): Concern[] {
    const name = is.body.spec?.name ?? is.name;
    const topic = MESH_OPERATORS.test(name) ? "controlPlane" : "operator";
    if (operation === "created") {
        return [{ topic: "operator", warns: false, text: `operator ${code(name)} is installed` }];
    }
    if (operation === "deleted") {
        return [
            { topic, warns: true, text: `operator ${code(name)} is taken away; what it manages stays as it is then` },
        ];
    }
    const versions = fields.filter(({ path }) => VERSION_FIELDS.includes(path));
    const [approval] = fields.filter(({ path }) => path === "spec.installPlanApproval");
    const said = versions.map(({ path, before, after }) => `${path.slice("spec.".length)} ${fromTo(before, after)}`);
    const follows = topic === "controlPlane" ? ", and its control planes may restart with it" : "";
    return [
        ...(said.length === 0
            ? []
            : [
                  {
                      topic,
                      warns: true,
                      text: `operator ${code(name)} may become another version (${said.join(", ")})${follows}`,
                  } as const,
              ]),
        ...(approval === undefined
            ? []
            : [
                  {
                      topic,
                      warns: approval.after === "Automatic",
                      text: `upgrades of operator ${code(name)}: ${fromTo(approval.before, approval.after)}`,
                  } as const,
              ]),
    ];
}
