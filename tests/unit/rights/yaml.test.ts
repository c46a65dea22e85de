import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import type { Rule } from "../../../rights/role";
import type { StackRoles } from "../../../rights/roles";
import { subjectOf, yamlOf } from "../../../rights/yaml";

describe("the roles as YAML", () => {
    const rule: Rule = { apiGroups: [""], resources: ["pods"], verbs: ["list"], why: ["the look"] };
    const base = { of: "previewer" as const, name: "mesh-previewer-dev", description: "May look." };
    const roles: StackRoles = {
        namespaces: [{ name: "istio-system" }],
        roles: [
            { ...base, rules: [rule] },
            { ...base, namespace: "shop", rules: [rule] },
        ],
    };

    it("says what each rule is for", () => assert.match(yamlOf(roles), /\n  # the look\n  - apiGroups: \[""\]\n/));

    it("binds them to whom they are for", () => {
        const subjects = { previewer: [subjectOf("sa:ci/looks"), subjectOf("group:devs")] };
        const objects = parseAllDocuments(yamlOf(roles, subjects)).map((document) => document.toJS());
        assert.deepEqual(
            objects.map(({ kind, metadata }) => [kind, metadata.namespace, metadata.name].filter(Boolean).join(" ")),
            [
                "Namespace istio-system",
                "ClusterRole mesh-previewer-dev",
                "Role shop mesh-previewer-dev",
                "ClusterRoleBinding mesh-previewer-dev",
                "RoleBinding shop mesh-previewer-dev",
            ],
        );
        assert.deepEqual(objects[4].roleRef, {
            apiGroup: "rbac.authorization.k8s.io",
            kind: "Role",
            name: "mesh-previewer-dev",
        });
        assert.deepEqual(objects[3].subjects, [
            { kind: "ServiceAccount", name: "looks", namespace: "ci" },
            { kind: "Group", name: "devs", apiGroup: "rbac.authorization.k8s.io" },
        ]);
    });

    it("takes nobody for somebody", () => {
        for (const text of ["alice", "sa:alone", "sa:a/b/c", "role:x", "user:"]) {
            assert.throws(() => subjectOf(text), /names nobody: user:NAME/);
        }
    });
});
