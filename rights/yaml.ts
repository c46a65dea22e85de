import { Document, isMap, isSeq, type YAMLSeq } from "yaml";
import type { Role, RoleOf, StackRoles } from "./roles";

const API = "rbac.authorization.k8s.io";
const STYLE = { lineWidth: 0, flowCollectionPadding: false };

/** Somebody to whom roles are given. */
export interface Subject {
    kind: "User" | "Group" | "ServiceAccount";
    name: string;
    namespace?: string;
}

export type Subjects = Partial<Record<RoleOf, Subject[]>>;

/** Reads `user:NAME`, `group:NAME` or `sa:NAMESPACE/NAME`. Errors: anything else, in words. */
export function subjectOf(text: string): Subject {
    const [, kind, name] = /^(user|group|sa):(.+)$/.exec(text) ?? [];
    const [namespace, account, more] = (name ?? "").split("/");
    if (kind === "sa" && namespace && account && more === undefined) {
        return { kind: "ServiceAccount", name: account, namespace };
    }
    if (kind === "user" || kind === "group") {
        return { kind: kind === "user" ? "User" : "Group", name };
    }
    throw new Error(`"${text}" names nobody: user:NAME, group:NAME or sa:NAMESPACE/NAME`);
}

/** The objects as one YAML text, with what each rule is for; bindings for those who are named. */
export function yamlOf({ namespaces, roles }: StackRoles, subjects: Subjects = {}): string {
    const documents = [
        ...namespaces.map((metadata) => plain({ apiVersion: "v1", kind: "Namespace", metadata })),
        ...roles.map(roleDocument),
        ...roles.flatMap((role) => bindingDocument(role, subjects[role.of] ?? [])),
    ];
    return documents.map((document) => `---\n${document}`).join("");
}

function roleDocument({ name, namespace, description, rules }: Role): string {
    const document = new Document({
        apiVersion: `${API}/v1`,
        kind: namespace === undefined ? "ClusterRole" : "Role",
        metadata: {
            name,
            ...(namespace === undefined ? {} : { namespace }),
            annotations: { "kubernetes.io/description": description },
        },
        rules: rules.map(({ why: _, ...rule }) => rule),
    });
    const list = document.get("rules") as YAMLSeq;
    list.items.forEach((item, i) => {
        if (isMap(item)) {
            item.commentBefore = ` ${rules[i].why.join("; ")}`;
            item.items.filter((pair) => isSeq(pair.value)).forEach((pair) => ((pair.value as YAMLSeq).flow = true));
        }
    });
    return document.toString(STYLE);
}

function bindingDocument({ name, namespace }: Role, subjects: Subject[]): string[] {
    if (subjects.length === 0) {
        return [];
    }
    const wide = namespace === undefined;
    return [
        plain({
            apiVersion: `${API}/v1`,
            kind: wide ? "ClusterRoleBinding" : "RoleBinding",
            metadata: { name, ...(wide ? {} : { namespace }) },
            roleRef: { apiGroup: API, kind: wide ? "ClusterRole" : "Role", name },
            subjects: subjects.map((s) => ({ ...s, ...(s.kind === "ServiceAccount" ? {} : { apiGroup: API }) })),
        }),
    ];
}

function plain(object: object): string {
    return new Document(object, { keepUndefined: false }).toString(STYLE);
}
