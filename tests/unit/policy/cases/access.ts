import { UNKNOWN } from "../../../../policy/values";
import { object, patch, policy, workload } from "../objects";
import type { Case } from "./case";

const V1 = "maistra.io/v1:ServiceMeshControlPlane";
const METADATA_UNKNOWN = { metadata: UNKNOWN };

const cart = workload("shop/cart");
const gatewayPods = workload("in/gate", { annotations: { "inject.istio.io/templates": "gateway" } });
const asked = ["spec", "template", "metadata", "annotations", "sidecar.istio.io/inject"];
const forCart = {
    selector: { matchLabels: { app: "cart" } },
    rules: [{ from: [{ source: { namespaces: ["shop"] } }] }],
};

export const access: Record<string, Case[]> = {
    "service-has-policy": [
        { it: "a policy for its pods", given: [cart, policy("shop/to-cart", forCart)] },
        { it: "a policy for the whole namespace", given: [cart, policy("shop/nobody", {})] },
        {
            it: "a policy for the whole mesh",
            given: [cart, object(V1, "istio-system/a"), policy("istio-system/nobody", {})],
        },
        {
            it: "no sidecar, and a gateway",
            given: [workload("a/b", { labels: { "sidecar.istio.io/inject": "false" } }), gatewayPods],
        },
        {
            it: "none",
            given: [cart],
            wrong: [/^Deployment shop\/cart may be called by everybody .*: give its service allow/],
        },
        {
            it: "for other pods, elsewhere, or only to deny",
            given: [
                cart,
                policy("shop/a", { selector: { matchLabels: { app: "till" } } }),
                policy("other/b", {}),
                policy("shop/c", { ...forCart, action: "DENY" }),
            ],
            wrong: [/shop\/cart/],
        },
        {
            it: "a workload that is somebody else's, with a policy",
            given: [patch("Deployment", "cart", asked), policy("shop/a", forCart)],
        },
        {
            it: "a workload that is somebody else's, without",
            given: [patch("DeploymentConfig", "cart", asked)],
            wrong: [/^DeploymentConfig shop\/cart may be called/],
        },
        {
            it: "a policy whose namespace, pods or action are decided later",
            given: [
                cart,
                policy("shop/a", { selector: UNKNOWN }),
                policy("shop/b", { ...forCart, action: UNKNOWN }),
                { ...policy("x/y", forCart), props: { spec: forCart, ...METADATA_UNKNOWN } },
            ],
            unknown: [/AuthorizationPolicy/],
        },
        {
            it: "a workload of which it is not known whether it is in the mesh",
            given: [object("apps/v1:Deployment", "shop/cart", { spec: UNKNOWN })],
            unknown: [/AuthorizationPolicy/],
        },
    ],
    "no-allow-all": [
        {
            it: "who, what, or when",
            given: [
                policy("a/b", { rules: [{ from: [{ source: { namespaces: ["shop"] } }], to: [] }] }),
                policy("a/b", { rules: [{ to: [{ operation: { methods: ["GET"] } }] }] }),
                policy("a/b", { rules: [{ when: [{ key: "request.headers[x]", values: ["y"] }] }] }),
            ],
        },
        { it: "no rules: nobody", given: [policy("a/b", {}), policy("a/b", { rules: [] })] },
        { it: "everything, denied", given: [policy("a/b", { action: "DENY", rules: [{}] })] },
        {
            it: "an empty rule, empty lists, empty parts",
            given: [
                policy("a/b", { rules: [{}] }),
                policy("a/b", { action: "ALLOW", rules: [{ from: [], to: [] }] }),
                policy("a/b", { rules: [{ from: [{ source: { namespaces: ["x"] } }] }, { from: [{ source: {} }] }] }),
                policy("a/b", { rules: [{ from: [{ source: { principals: ["x"] } }, {}] }] }),
            ],
            wrong: [/rules\[0\] has no from, to or when\): say who/, /rules\[0\]/, /rules\[1\]/, /rules\[0\]/],
        },
        {
            it: "what is decided later",
            given: [
                policy("a/b", UNKNOWN),
                policy("a/b", { rules: [UNKNOWN] }),
                policy("a/b", { rules: [{ from: UNKNOWN }] }),
                policy("a/b", { action: UNKNOWN, rules: [{}] }),
            ],
            unknown: [/^spec is/, /rules\[0\]/, /rules\[0\]/, /rules\[0\]/],
        },
        {
            it: "who is decided later, but somebody is",
            given: [policy("a/b", { rules: [{ from: [{ source: { principals: [UNKNOWN] } }] }] })],
        },
    ],
};
