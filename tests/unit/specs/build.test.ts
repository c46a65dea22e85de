import assert from "node:assert/strict";
import fc from "fast-check";
import { type Build, buildConfigName, buildConfigSpec, buildTag, builtImage } from "../../../specs/build";
import { deploymentSpec } from "../../../specs/workload";
import { loadConfig } from "../../../config/load";
import { v1_1 } from "../../../dialects/v1_1";
import { sample } from "../config/sample";

const git = "https://git.example.com/shop/cart.git";
const build: Build = { git, containerfile: "Dockerfile" };
const full: Build = { git, ref: "v1", context: "services/cart", containerfile: "docker/Containerfile" };

describe("specs: an image that OpenShift builds", () => {
    it("from git, by its Containerfile, into a tag of its own", () => {
        assert.deepEqual(buildConfigSpec("cart", full), {
            source: { type: "Git", git: { uri: git, ref: "v1" }, contextDir: "services/cart" },
            strategy: { type: "Docker", dockerStrategy: { dockerfilePath: "docker/Containerfile" } },
            output: { to: { kind: "ImageStreamTag", name: `cart:${buildTag("cart", full)}` } },
            triggers: [{ type: "ConfigChange" }],
        });
    });

    it("says nothing of what is left to the repository", () => {
        const { source } = buildConfigSpec("cart", build) as { source: object };
        assert.deepEqual(source, { type: "Git", git: { uri: git } });
    });

    it("is named anew by every change, and by nothing else: only a new BuildConfig starts a build", () => {
        const changed: Build[] = [
            build,
            full,
            { ...build, ref: "v2" },
            { ...build, containerfile: "x" },
            { ...full, git: "g" },
        ];
        assert.equal(new Set(changed.map((b) => buildTag("cart", b))).size, changed.length);
        assert.equal(buildTag("cart", { ...full }), buildTag("cart", full));
        assert.notEqual(buildTag("cart", build), buildTag("stock", build));
    });

    it("its BuildConfig's name fits into a label, however long the service's", () => {
        fc.assert(
            fc.property(fc.stringMatching(/^[a-z][a-z0-9-]{0,61}[a-z0-9]$/), (service) => {
                assert.ok(buildConfigName(service, build).length <= 63);
                assert.ok(buildConfigName(service, build).endsWith(`-${buildTag(service, build)}`));
            }),
        );
    });

    it("is taken from the cluster's own registry, and asked for again at each start", () => {
        const config = loadConfig(
            sample({ "namespaces.shop.services.cart": { build: full, host: "cart.apps.example.com" } }),
        );
        const service = config.namespaces.shop.services.cart;
        const image = builtImage("cart", "shop", full);
        assert.equal(image, `image-registry.openshift-image-registry.svc:5000/shop/cart:${buildTag("cart", full)}`);
        const spec = deploymentSpec({ name: "cart", service, image, sidecar: v1_1.sidecar(config) }) as any;
        const [container] = spec.template.spec.containers;
        assert.equal(container.image, image);
        assert.equal(container.imagePullPolicy, "Always");
    });
});
