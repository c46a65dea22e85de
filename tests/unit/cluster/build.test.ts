import assert from "node:assert/strict";
import { judgeBuild } from "../../../cluster/verdicts/build";
import type { KubeObject } from "../../../kube";

const want = { namespace: "shop", name: "cart-0a1b2c3d", imageStream: "cart", tag: "0a1b2c3d" };

function build(
    number: number,
    status: object | undefined,
    more: { labels?: Record<string, string>; name?: string } = {},
): KubeObject {
    return {
        apiVersion: "build.openshift.io/v1",
        kind: "Build",
        metadata: {
            namespace: "shop",
            name: `${more.name ?? want.name}-${number}`,
            labels: more.labels ?? { buildconfig: want.name },
            annotations: { "openshift.io/build.number": String(number) },
        },
        status,
    };
}

const stream = (tags: object[]): KubeObject => ({
    apiVersion: "image.openshift.io/v1",
    kind: "ImageStream",
    metadata: { namespace: "shop", name: "cart" },
    status: { tags },
});
const there = stream([{ tag: want.tag, items: [{ image: "sha256:1" }] }]);
const failure = {
    phase: "Failed",
    reason: "DockerBuildFailed",
    message: "Dockerfile build strategy has failed.",
    logSnippet: "STEP 3: RUN npm ci\nnpm ERR! network\nerror: build error: exit status 1",
};
const judge = (builds: KubeObject[], streams: KubeObject[] = []) => judgeBuild({ builds, imageStreams: streams }, want);

describe("verdict on a build", () => {
    const waits: [what: string, builds: KubeObject[], streams: KubeObject[], why: RegExp][] = [
        ["none has begun", [], [], /no build has begun/],
        [
            "only another BuildConfig's",
            [build(1, { phase: "Complete" }, { labels: { buildconfig: "x" } })],
            [there],
            /no build has begun/,
        ],
        ["it is new", [build(1, undefined)], [], /cart-0a1b2c3d-1: New/],
        ["it is running", [build(1, { phase: "Running" })], [], /cart-0a1b2c3d-1: Running/],
        [
            "it cannot begin, and says why",
            [
                build(1, {
                    phase: "New",
                    reason: "InvalidOutputReference",
                    message: "Output image could not be resolved.",
                }),
            ],
            [],
            /New, InvalidOutputReference: Output image/,
        ],
        [
            "it has failed, and the next one runs",
            [build(1, failure), build(2, { phase: "Running" })],
            [],
            /-2: Running/,
        ],
        [
            "it is complete, and the tag is not there yet",
            [build(1, { phase: "Complete" })],
            [stream([])],
            /no image at cart:0a1b2c3d/,
        ],
        [
            "it is complete, and the tag is empty",
            [build(1, { phase: "Complete" })],
            [stream([{ tag: want.tag, items: null }])],
            /no image at cart/,
        ],
    ];
    for (const [what, builds, streams, why] of waits) {
        it(`waits: ${what}`, () => {
            const verdict = judge(builds, streams);
            assert.equal(verdict.is, "waiting");
            assert.match(verdict.is === "waiting" ? verdict.why : "", why);
        });
    }

    it("is ready when a build is complete and the tag has an image", () => {
        const verdict = judge([build(1, { phase: "Complete" })], [there]);
        assert.deepEqual(verdict, {
            is: "ready",
            value: { build: "cart-0a1b2c3d-1" },
            say: "cart-0a1b2c3d-1: Complete",
        });
    });

    it("stays ready when a later build has failed: the image is the earlier one's", () => {
        const verdict = judge([build(2, failure), build(1, { phase: "Complete" })], [there]);
        assert.equal(verdict.is === "ready" && verdict.value.build, "cart-0a1b2c3d-1");
        assert.match(verdict.is === "ready" ? (verdict.say ?? "") : "", /-2 is Failed/);
    });

    it("counts builds, and does not sort their names: 10 comes after 9", () => {
        assert.equal(judge([build(9, failure), build(10, { phase: "Running" })]).is, "waiting");
    });

    it("fails in the build's own words, with the end of its log and what to do", () => {
        const verdict = judge([build(1, failure)]);
        assert.ok(verdict.is === "failed");
        assert.equal(verdict.problem.object, "Build shop/cart-0a1b2c3d-1");
        assert.match(
            verdict.problem.said,
            /DockerBuildFailed: Dockerfile build strategy has failed\. \| .*npm ERR! network/,
        );
        assert.ok(verdict.problem.todo.some((line) => line.includes("oc start-build cart-0a1b2c3d -n shop")));
    });

    for (const phase of ["Error", "Cancelled"]) {
        it(`fails when it was ${phase}`, () => assert.equal(judge([build(1, { phase })]).is, "failed"));
    }
});
