import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "../../../config/load";
import { readStackFile } from "../../../config/stack-file";
import { environmentOf } from "../../../graph/environment";
import type { Environment } from "../../../graph/model";
import { svg } from "../../../graph/svg/svg";
import { wrap } from "../../../graph/svg/text";
import { many, ROOT } from "./sample";

const WIDTH = 900;
const dev = environmentOf("dev", loadConfig(readStackFile(join(ROOT, "Pulumi.dev.yaml"))));

interface Rectangle {
    what: string;
    x: number;
    y: number;
    right: number;
    bottom: number;
}

function rectangles(picture: string): Rectangle[] {
    const all = picture.matchAll(/<rect class="([^"]+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g);
    return [...all].map(([, what, ...numbers]) => {
        const [x, y, width, height] = numbers.map(Number);
        return { what, x, y, right: x + width, bottom: y + height };
    });
}

/** Letters in the widest of usual fonts. */
function texts(picture: string): { x: number; y: number; right: number; text: string }[] {
    const all = picture.matchAll(/<text class="([^"]+)" x="([\d.]+)" y="([\d.]+)">([^<]*)<\/text>/g);
    return [...all].map(([, how, x, y, text]) => {
        const size = how.includes("title") ? 20 : how.includes("mono") ? 11.5 : how.includes("small") ? 11 : 12;
        const letters = text.replace(/&\w+;/g, "x").length;
        return { x: Number(x), y: Number(y), right: Number(x) + letters * size * 0.6, text };
    });
}

describe("the picture of the README", () => {
    it("is fresh", () => {
        const fresh = readFileSync(join(ROOT, "docs/dev.svg"), "utf8") === svg(dev);
        assert.ok(
            fresh,
            "docs/dev.svg is not dev: run `npm run graph -- --stack dev --out docs/dev.svg` and commit it",
        );
    });

    it("is shown there", () => {
        const readme = readFileSync(join(ROOT, "README.md"), "utf8");
        assert.ok(/!\[[^\]]+\]\(docs\/dev\.svg\)/.test(readme));
    });

    it("loads nothing and runs nothing; its colours follow who looks at it", () => {
        const picture = svg(dev);
        assert.doesNotMatch(
            picture.replace("http://www.w3.org/2000/svg", ""),
            /https?:|<script|<image|@import|url\((?!#)/,
        );
        assert.match(picture, /@media \(prefers-color-scheme: dark\)/);
        const colours = (from: string): string[] => from.match(/^\.[\w-]+\{(?:fill|stroke):#/gm) ?? [];
        const [light, dark] = picture.split("@media");
        assert.deepEqual(colours(dark), colours(light), "every colour has its dark one");
    });

    it("one changed host changes that host's lines, and no other", () => {
        const changed: Environment = structuredClone(dev);
        changed.namespaces[0].services[0].host = "shop.apps.example.com";
        const [before, after] = [svg(dev).split("\n"), svg(changed).split("\n")];
        assert.equal(after.length, before.length);
        const differing = before.flatMap((line, i) => (line === after[i] ? [] : [[line, after[i]]]));
        assert.equal(differing.length, 1);
        assert.deepEqual(
            differing[0].map((line) => line.replace(/<[^>]+>/g, "")),
            ["caller.apps.example.com", "shop.apps.example.com"],
        );
    });
});

for (const [name, environment] of [
    ["dev", dev],
    ["prod", environmentOf("prod", loadConfig(readStackFile(join(ROOT, "Pulumi.prod.yaml"))))],
    ["2 services", many(2)],
    ["20 services with long names", many(20)],
] as const) {
    describe(`the layout of ${name}`, () => {
        const picture = svg(environment);

        it("is the same each time", () => assert.equal(svg(structuredClone(environment)), picture));

        it("stays on the page", () => {
            for (const { x, right, text } of texts(picture)) {
                assert.ok(x >= 0 && right <= WIDTH, `${text} ends at ${right}`);
            }
            assert.ok(rectangles(picture).every(({ x, right }) => x >= 0 && right <= WIDTH));
            const lanes = [...picture.matchAll(/H([\d.]+)V/g)].map(([, x]) => Number(x));
            assert.ok(lanes.every((x) => x <= WIDTH - 4));
        });

        it("no box lies on another of its kind, and every text is in one box of the lowest level or in none", () => {
            const boxes = rectangles(picture);
            for (const [i, a] of boxes.entries()) {
                for (const b of boxes.slice(i + 1).filter(({ what }) => what === a.what)) {
                    const apart = a.right <= b.x || b.right <= a.x || a.bottom <= b.y || b.bottom <= a.y;
                    assert.ok(apart, `${a.what} at ${a.y} lies on one at ${b.y}`);
                }
            }
            const leaves = boxes.filter(({ what }) => /service|host|panel|outside/.test(what));
            for (const { x, y, right, text } of texts(picture)) {
                for (const box of leaves.filter((b) => b.x < right && x < b.right && b.y < y - 4 && y - 4 < b.bottom)) {
                    assert.ok(box.x <= x && right <= box.right && y <= box.bottom, `${text} leaves its ${box.what}`);
                }
            }
        });

        it("says every name, cut nowhere without its end", () => {
            const said = texts(picture)
                .map(({ text }) => text)
                .join("");
            for (const { name: namespace, services } of environment.namespaces) {
                assert.ok(said.replace(/ /g, "").includes(namespace), namespace);
                for (const one of services) {
                    assert.ok(said.includes(one.name) && said.includes(one.host ?? ""), one.id);
                }
            }
        });
    });
}

describe("broken lines", () => {
    it("break at blanks, then behind the marks of names, then anywhere", () => {
        const at = (text: string): string[] => wrap(text, 10 * 11, "mono", 11 / 0.605);
        assert.deepEqual(at("one two three four"), ["one two", "three four"]);
        assert.deepEqual(at("abc.defgh.ijkl.mn"), ["abc.defgh.", "ijkl.mn"]);
        assert.deepEqual(at("abcdefghijklmn"), ["abcdefghij", "klmn"]);
        assert.deepEqual(at(""), [""]);
    });
});
