import { object } from "./objects";
import { table } from "./table";

describe("a review: who may call whom", () => {
    const cart = object("Deployment", "shop/cart", { template: { metadata: { labels: { app: "cart" } } } });
    const policy = (spec: object, name = "to-cart") =>
        object("AuthorizationPolicy", `shop/${name}`, { selector: { matchLabels: { app: "cart" } }, ...spec });
    const from = (...namespaces: string[]) => ({ from: [{ source: { namespaces } }] });
    const allow = (...rules: object[]) => policy({ rules });
    const deny = (...rules: object[]) => policy({ action: "DENY", rules }, "deny-to-cart");
    table(
        [
            [
                "one caller more",
                [allow(from("shop"))],
                [allow(from("shop", "web"))],
                [/^!policyLoosened: `shop\/cart` lets in more callers: `namespaces shop` → `namespaces shop, web`/],
            ],
            ["one caller fewer", [allow(from("a", "b"))], [allow(from("a"))], [/^!callersLost: .*fewer/]],
            ["other callers", [allow(from("a"))], [allow(from("b"))], [/^!policyLoosened: .*others are shut out/]],
            ["no policy any more", [allow(from("a"))], [], [/^!policyLoosened: .*→ `anyone`/]],
            ["a first policy", [], [allow(from("a"))], [/^!callersLost: .*`anyone` → /]],
            ["nobody any more", [allow(from("a"))], [policy({})], [/^!callersLost: .*→ `nobody`/]],
            [
                "any method",
                [allow({ ...from("a"), to: [{ operation: { methods: ["GET"] } }] })],
                [allow({ ...from("a"), to: [] })],
                [/^!policyLoosened: .*`namespaces a for methods GET` → `namespaces a`/],
            ],
            [
                "a path within a prefix lets in nobody new",
                [allow({ to: [{ operation: { paths: ["/api/*"] } }] })],
                [allow({ to: [{ operation: { paths: ["/api/x"] } }] })],
                [/^!callersLost/],
            ],
            [
                "a condition less",
                [allow({ when: [{ key: "request.headers[x]", values: ["1"] }] })],
                [allow({})],
                [/^!policyLoosened/],
            ],
            ["a DENY that goes", [deny(from("x"))], [], [/^!policyLoosened: .*no longer refuses `namespaces x`/]],
            ["a DENY that comes", [], [deny(from("x"))], [/^!callersLost: .*now refuses/]],
            ["a DENY that means fewer", [deny(from("x", "y"))], [deny(from("x"))], [/^!policyLoosened: .*refuses/]],
            [
                "a second policy lets in more, whatever the first says",
                [allow(from("a"))],
                [allow(from("a")), policy({ rules: [from("b")] }, "more")],
                [/^!policyLoosened: .*`namespaces a` → `namespaces a`, `namespaces b`/],
            ],
            ["rules in another order are the same", [allow(from("a"), from("b"))], [allow(from("b"), from("a"))], []],
            [
                "what held for the whole namespace still holds when a workload's own goes",
                [object("AuthorizationPolicy", "shop/all", { rules: [from("a")] }), allow(from("a", "b"))],
                [object("AuthorizationPolicy", "shop/all", { rules: [from("a")] })],
                [/^!callersLost: `shop\/cart`/],
            ],
        ],
        [cart],
    );
    table([
        [
            "a workload that comes, with its rules",
            [],
            [cart, allow(from("a"))],
            [/^rest: .*new; callers: `namespaces a`/],
        ],
        ["a workload that comes without", [], [cart], [/^rest: `shop\/cart` is new; callers: `anyone`/]],
        [
            "a workload that goes, with its rules",
            [cart, allow(from("a"))],
            [],
            [/^!lost: Deployment shop\/cart is deleted/],
        ],
        [
            "a workload that somebody else deploys",
            [allow(from("a"))],
            [allow(from("a", "b"))],
            [/^!policyLoosened: `shop\/cart`/],
        ],
    ]);
});

describe("a review: the network's policies", () => {
    const network = (name: string, ingress: object[], podSelector: object = {}) =>
        object("NetworkPolicy", `shop/${name}`, { podSelector, policyTypes: ["Ingress"], ingress });
    const from = (label: string) => ({ from: [{ namespaceSelector: { matchLabels: { team: label } } }] });
    const there = object("Service", "shop/cart");
    table(
        [
            [
                "others are let in",
                [network("a", [from("x")])],
                [network("a", [from("x"), from("y")])],
                [/^!policyLoosened/],
            ],
            [
                "fewer are let in",
                [network("a", [from("x"), from("y")])],
                [network("a", [from("x")])],
                [/^!callersLost/],
            ],
            ["the last one goes", [network("a", [])], [], [/^!policyLoosened: .*become open to all/]],
            ["one of two goes", [network("a", [from("x")]), network("b", [])], [network("b", [])], [/^!callersLost/]],
            ["a first one", [], [network("a", [from("x")])], [/^!callersLost: .*shuts all pods/]],
            [
                "one more",
                [network("b", [])],
                [network("a", [from("x")]), network("b", [])],
                [/^!policyLoosened: .*lets more/],
            ],
        ],
        [there],
    );
    table([["a namespace that comes", [], [network("a", [from("x")])], []]]);
});
