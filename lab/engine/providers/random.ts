import { randomBytes, randomInt } from "node:crypto";
import { type Diff, differences, diffWith } from "../plan/diff";
import { partsOf } from "../plan/urn";
import { hasUnknown, plain, type Props } from "../values";
import type { Made, Old, Provider, Work } from "./provider";

const STRING = "random:index/randomString:RandomString";
const PASSWORD = "random:index/randomPassword:RandomPassword";
const ID = "random:index/randomId:RandomId";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

interface StringRules {
    length: number;
    lower: boolean;
    upper: boolean;
    numeric: boolean;
    special: boolean;
    overrideSpecial?: string;
    minLower: number;
    minUpper: number;
    minNumeric: number;
    minSpecial: number;
}

/**
 * RandomString, RandomPassword and RandomId, with the defaults of @pulumi/random (its documentation; the provider
 * underneath is Terraform's). Every changed input means a new value. Passwords get no bcryptHash.
 */
export class RandomProvider implements Provider {
    async check(urn: string, _old: Props | undefined, wanted: Props): Promise<Props> {
        const { type } = partsOf(urn);
        if (![STRING, PASSWORD, ID].includes(type)) {
            throw new Error(
                `the stand-in engine does not make ${type}; it makes RandomString, RandomPassword, RandomId`,
            );
        }
        if (type !== ID && !hasUnknown(wanted)) {
            alphabets(rulesOf(wanted));
        }
        return wanted;
    }

    async diff(old: Old, wanted: Props): Promise<Diff> {
        const found = differences(plain(old.inputs), plain(wanted));
        return diffWith(found, [...new Set(found.map((d) => String(d.path[0])))]);
    }

    async create(wanted: Props, work: Work): Promise<Made> {
        if (work.preview) {
            return { id: "", outputs: wanted };
        }
        const inputs = plain<Props>(wanted);
        const { type } = partsOf(work.urn);
        if (type === ID) {
            const outputs = idOutputs(randomBytes(Number(inputs.byteLength)), String(inputs.prefix ?? ""));
            return { id: String(outputs.b64Url), outputs: { ...wanted, ...outputs } };
        }
        const rules = rulesOf(inputs);
        const result = randomText(rules);
        const outputs: Props = { ...wanted, ...rules, number: rules.numeric, result };
        return { id: type === PASSWORD ? "none" : result, outputs };
    }

    async update(old: Old): Promise<Props> {
        return old.outputs;
    }

    async delete(): Promise<void> {
        // There is nothing outside of the state.
    }
}

function rulesOf(inputs: Props): StringRules {
    const flag = (...names: string[]) => names.every((name) => inputs[name] !== false);
    const least = (name: string) => Number(inputs[name] ?? 0);
    return {
        length: Number(inputs.length),
        lower: flag("lower"),
        upper: flag("upper"),
        numeric: flag("numeric", "number"),
        special: flag("special"),
        ...(typeof inputs.overrideSpecial === "string" ? { overrideSpecial: inputs.overrideSpecial } : {}),
        minLower: least("minLower"),
        minUpper: least("minUpper"),
        minNumeric: least("minNumeric"),
        minSpecial: least("minSpecial"),
    };
}

/** The characters to draw from, each kind with how many it needs at least. Errors: rules that nothing fulfils. */
function alphabets(rules: StringRules): { letters: string; least: number }[] {
    const kinds = [
        { on: rules.lower, letters: LOWER, least: rules.minLower },
        { on: rules.upper, letters: LOWER.toUpperCase(), least: rules.minUpper },
        { on: rules.numeric, letters: DIGITS, least: rules.minNumeric },
        { on: rules.special, letters: rules.overrideSpecial ?? SPECIAL, least: rules.minSpecial },
    ].filter((kind) => kind.on && kind.letters !== "");
    const needed = kinds.reduce((sum, kind) => sum + kind.least, 0);
    if (!Number.isInteger(rules.length) || rules.length < 1 || kinds.length === 0 || needed > rules.length) {
        throw new Error(`no random text of length ${rules.length} with these rules`);
    }
    return kinds;
}

/** Text that keeps all the rules, drawn by the system's generator. */
export function randomText(rules: StringRules): string {
    const kinds = alphabets(rules);
    const draw = (letters: string) => letters[randomInt(letters.length)];
    const drawn = kinds.flatMap((kind) => Array.from({ length: kind.least }, () => draw(kind.letters)));
    const all = kinds.map((kind) => kind.letters).join("");
    while (drawn.length < rules.length) {
        drawn.push(draw(all));
    }
    for (let i = drawn.length - 1; i > 0; i--) {
        const j = randomInt(i + 1);
        [drawn[i], drawn[j]] = [drawn[j], drawn[i]];
    }
    return drawn.join("");
}

function idOutputs(bytes: Buffer, prefix: string): Props {
    return {
        b64Std: prefix + bytes.toString("base64"),
        b64Url: prefix + bytes.toString("base64url"),
        dec: prefix + BigInt(`0x${bytes.toString("hex")}`).toString(),
        hex: prefix + bytes.toString("hex"),
    };
}
