import type { Change } from "../changes";
import { at, code, type Concern, type Finder, fromTo, some } from "./concern";

/** Pods that are replaced by others, and how many there are. */
export const rollouts: Finder = ({ changes }) =>
    changes
        .filter(({ operation, is }) => operation === "changed" && is.kind === "Deployment")
        .flatMap((change) => [...rollout(change), ...replicas(change)]);

function rollout({ is, fields }: Change): Concern[] {
    const template = fields.filter(({ path }) => path.startsWith("spec.template"));
    if (template.length === 0) {
        return [];
    }
    const why = template.map(({ path, before, after }) =>
        path.endsWith(".image")
            ? `image ${fromTo(before, after)}`
            : code(path.replace("spec.template.", "").replace(/^spec\.containers/, "containers")),
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
