import type { Change } from "../changes";
import { isApiGateway } from "../picture";
import { at, code, type Concern, type Finder, fromTo, some } from "./concern";

/** Pods that are replaced by others, and how many there are. */
export const rollouts: Finder = ({ changes }) => {
    const changed = changes.filter(({ operation }) => operation === "changed");
    return [
        ...changed
            .filter(({ is }) => is.kind === "Deployment")
            .flatMap((change) => [...rollout(change), ...replicas(change)]),
        // It is made into a Deployment, whose pods carry what it says of its infrastructure.
        ...changed.filter(({ is }) => isApiGateway(is)).flatMap((change) => rollout(change, "spec.infrastructure")),
    ];
};

function rollout({ is, fields }: Change, below = "spec.template"): Concern[] {
    const template = fields.filter(({ path }) => path.startsWith(below));
    if (template.length === 0) {
        return [];
    }
    const why = template.map(({ path, before, after }) =>
        path.endsWith(".image")
            ? `image ${fromTo(before, after)}`
            : code(path.replace(`${below}.`, "").replace(/^spec\.containers/, "containers")),
    );
    return [
        { topic: "rollout", warns: false, text: `pods of ${code(nameOf(is))} are replaced by others: ${some(why, 3)}` },
    ];
}

function replicas({ is, before, after }: Change): Concern[] {
    const [was, will] = [before, after].map((d) => at(d?.body, "spec.replicas"));
    return was === will
        ? []
        : [
              {
                  topic: "rest",
                  warns: Number(will) < Number(was),
                  text: `replicas of ${code(nameOf(is))}: ${fromTo(was, will)}`,
              },
          ];
}

function nameOf({ namespace, name }: { namespace?: string; name: string }): string {
    return `${namespace}/${name}`;
}
