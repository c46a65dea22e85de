import assert from "node:assert/strict";
import { loadConfig } from "../../../config/load";
import { environmentOf } from "../../../verify/environment";
import { sample } from "../config/sample";
import { devEnvironment, MEMBER } from "./scenario";

const outputs = {
    routeHosts: { cart: "cart-x7k2.apps.example.com" },
    controlPlane: { name: "basic", namespace: "istio-system-x7k2", version: "v1.1", mtls: "strict" },
    operators: {},
    members: ["bank", "shop-x7k2"],
    services: {},
};

describe("verify: an environment from config and outputs", () => {
    it("who calls whom is read off the services' own settings", () => {
        const calls = Object.fromEntries(devEnvironment().services.map((s) => [s.name, s.calls]));
        assert.deepEqual(calls, { caller: [`${MEMBER}/sample`], sample: [] });
    });

    const cart = "namespaces.shop.services.cart";
    const settings: [setting: string, calls: string[]][] = [
        ["http://stock.shop.svc.cluster.local:8080/a", ["shop/stock"]],
        ["http://stock.shop.svc", ["shop/stock"]],
        ["http://stock.shop/", ["shop/stock"]],
        ["http://stock:8080", ["shop/stock"]],
        ["http://ledger.bank:8080", ["bank/ledger"]],
        ["http://ledger:8080", []],
        ["http://stock.elsewhere.example.com", []],
        ["http://stocks:8080", []],
        ["stock", []],
    ];
    for (const [setting, calls] of settings) {
        it(`${setting} ${calls.length ? "is" : "is not"} a call within the stack`, () => {
            const config = loadConfig(sample({ [`${cart}.env`]: { URL: setting } }));
            const env = environmentOf(config, { ...outputs, members: ["shop", "bank"] });
            assert.deepEqual(env.services.find((s) => s.name === "cart")?.calls, calls);
        });
    }

    it("with unique names, everything has the name that the outputs give", () => {
        const config = loadConfig(
            sample({
                uniqueNames: true,
                [`${cart}.host`]: "cart",
                [`${cart}.allow`]: [{ namespaces: ["shop"] }, { services: ["stock", "bank/ledger"] }],
                "namespaces.shop.existingRoutes": { cart: "managed", hook: "exception" },
            }),
        );
        const env = environmentOf(config, outputs);
        const service = env.services.find((s) => s.name === "cart");
        assert.equal(service?.namespace, "shop-x7k2");
        assert.equal(service?.host, "cart-x7k2.apps.example.com");
        assert.deepEqual(service?.allow, [{ namespaces: ["shop-x7k2"] }, { services: ["stock", "bank/ledger"] }]);
        assert.deepEqual(env.exceptions, [{ namespace: "shop-x7k2", route: "hook" }]);
        assert.deepEqual(env.gateways, { "shop-x7k2": "shop-gateway", bank: "bank-gateway" });
    });
});
