import assert from "node:assert/strict";
import { emptyFacts, type RouteFact } from "../../../cluster/facts";
import { routeAnswers } from "../../../cluster/route-answers";
import { describeProblem } from "../../../config/problems";
import { schema } from "../../../config/schema";

const STACK = "organization/mesh/dev";
const DOMAIN = "apps.example.com";

function route(name: string, over: Partial<RouteFact> = {}): RouteFact {
    const host = `${name}-microsvc-sample.${DOMAIN}`;
    return { namespace: "microsvc-sample", name, host, to: name, labels: {}, admitted: true, ...over };
}

const ROUTES = [
    route("sample"),
    route("el-sample", { listener: "sample" }),
    route("report"),
    route("made-by-the-mesh", { labels: { "maistra.io/generated-by": "ior" } }),
    route("our-own", { mark: STACK }),
    route("elsewhere", { namespace: "other-team" }),
];

function answers(existingRoutes: Record<string, string>, routes = ROUTES) {
    const config = schema.parse({
        generation: "1.1",
        controlPlane: { name: "basic", namespace: "istio-system" },
        namespaces: {
            "microsvc-sample": {
                existingRoutes,
                services: { sample: { image: "registry.example.com/s:1", host: "sample" } },
            },
        },
    });
    const listeners = [
        { apiVersion: "triggers.tekton.dev/v1alpha1", namespace: "microsvc-sample", name: "sample", exposed: false },
    ];
    return routeAnswers(config, emptyFacts({ routes, listeners }), STACK);
}

const words = (existingRoutes: Record<string, string>, routes = ROUTES): string =>
    answers(existingRoutes, routes)
        .problems.map((p) => `${p.key}: ${describeProblem(p)}`)
        .join("\n");

describe("existing Routes (trap 27)", () => {
    it("shows all of them and the choices when one has no answer", () => {
        const { message, unanswered } = answers({ sample: "managed", "el-sample": "exception" });
        assert.deepEqual(
            unanswered.map((u) => u.route),
            ["report"],
        );
        assert.equal(
            message,
            [
                "microsvc-sample has Routes that the mesh would cut off, and no answer for 1 of them; " +
                    "nothing was touched",
                "  ROUTE      HOST                                        TO                    ANSWER",
                "  sample     sample-microsvc-sample.apps.example.com     service sample        managed",
                "  el-sample  el-sample-microsvc-sample.apps.example.com  EventListener sample  exception",
                "  report     report-microsvc-sample.apps.example.com     service report        ?",
                "  Choose in mesh:namespaces.microsvc-sample.existingRoutes: managed (give the service a host here), " +
                    "exception (label its pods), or cut-off",
            ].join("\n"),
        );
    });

    it("is content when all are answered; listeners behind exceptions are to be labelled", () => {
        const all = answers({ sample: "managed", "el-sample": "exception", report: "cut-off" });
        assert.equal(all.message, undefined);
        assert.deepEqual(all.problems, []);
        assert.deepEqual(all.exceptions, [
            { apiVersion: "triggers.tekton.dev/v1alpha1", namespace: "microsvc-sample", name: "sample" },
        ]);
    });

    it("managed needs a service with a host here", () => {
        const text = words({ sample: "managed", "el-sample": "exception", report: "managed" });
        assert.match(text, /mesh:namespaces\.microsvc-sample\.existingRoutes\.report: .*no way in to service report/);
        assert.match(text, /mesh:namespaces\.microsvc-sample\.services\.report\.host/);
    });

    it("exception needs an EventListener, or pods that carry the label already", () => {
        const given = { sample: "managed", "el-sample": "exception", report: "exception" };
        assert.match(words(given), /no EventListener is behind service report.*label their pod template/);
        assert.equal(
            words(given, [...ROUTES.filter((r) => r.name !== "report"), route("report", { exposed: true })]),
            "",
        );
    });

    it("an answer for a Route that is not there is a typing mistake when another has none, and noted otherwise", () => {
        const typo = { sample: "managed", "el-sample": "exception", reprot: "cut-off" };
        assert.match(words(typo), /existingRoutes\.reprot: there is no such Route; did you mean report\?/);
        const stale = answers({ sample: "managed", "el-sample": "exception", report: "cut-off", old: "cut-off" });
        assert.deepEqual(stale.problems, []);
        assert.match(stale.notes.join(), /no Route old/);
    });

    it("looks into the namespace by the name it has in the cluster", () => {
        const config = schema.parse({
            generation: "1.1",
            controlPlane: { name: "basic", namespace: "istio-system" },
            namespaces: { shop: { services: { sample: { image: "registry.example.com/s:1" } } } },
        });
        const routes = [route("web", { namespace: "shop-ab12" })];
        const { unanswered } = routeAnswers(config, emptyFacts({ routes }), STACK, (key) => `${key}-ab12`);
        assert.deepEqual(
            unanswered.map((u) => [u.key, u.namespace]),
            [["shop", "shop-ab12"]],
        );
    });
});
