import { loadConfig } from "../config/load";
import { readStackFile } from "../config/stack-file";
import { renderConfig } from "../render/render";
import { type Sample, sideBySide } from "./measure";
import { ChangingPolicy } from "./policy";
import { processes } from "./rendering";
import { preparedProgram } from "./start-of-program";

const ROUNDS = Number(process.argv[2] ?? 3);

/** Prints each measurement as a ratio of two things that ran by turns. */
async function main(): Promise<void> {
    const rows = [await startOfProgram(), await renderingOfMany(), await renderCommand(), await changeOfPolicy()];
    console.log(`${ROUNDS} rounds each, by turns; median (min to max). Only the ratios mean anything.\n`);
    for (const { what, one, other, allowed } of rows) {
        const ratio = one.sample.median / other.sample.median;
        console.log(what);
        console.log(`  ${one.name.padEnd(46)} ${inWords(one.sample)}`);
        console.log(`  ${other.name.padEnd(46)} ${inWords(other.sample)}`);
        console.log(`  ratio ${ratio.toFixed(2)}; ${allowed}\n`);
    }
}

interface Row {
    what: string;
    one: { name: string; sample: Sample };
    other: { name: string; sample: Sample };
    allowed: string;
}

async function startOfProgram(): Promise<Row> {
    const ours = await preparedProgram({ typescript: false, nodeargs: "--import tsx" });
    const usual = await preparedProgram({ typescript: true });
    try {
        const [one, other] = await sideBySide(ROUNDS, ours.run, usual.run);
        return {
            what: "Start of the program, from the engine's call to its first look at the cluster",
            one: { name: "as it is run here", sample: one },
            other: { name: "with Pulumi's type-checking default", sample: other },
            allowed: "at most 0.33",
        };
    } finally {
        ours.end();
        usual.end();
    }
}

async function renderingOfMany(): Promise<Row> {
    const dev = readStackFile("Pulumi.dev.yaml");
    const services = Object.fromEntries(
        Array.from({ length: 100 }, (_, i) => [
            `service-${i}`,
            { image: "registry.example.com/x:1", host: `service-${i}.apps.example.com`, allow: [] },
        ]),
    );
    const many = loadConfig({ ...dev, "mesh:namespaces": JSON.stringify({ shop: { services } }) });
    const few = loadConfig(dev);
    const [one, other] = await sideBySide(
        ROUNDS,
        () => renderConfig("dev", many),
        () => renderConfig("dev", few),
    );
    return {
        what: "Rendering",
        one: { name: "100 services", sample: one },
        other: { name: "the dev environment, 2 services", sample: other },
        allowed: "grows no faster than the number of services, 50",
    };
}

async function renderCommand(): Promise<Row> {
    const { start, render, end } = processes();
    try {
        const [one, other] = await sideBySide(ROUNDS, render, start);
        const more = ((one.median - other.median) / 1000).toFixed(1);
        return {
            what: "Rendering an environment of 100 services in 10 namespaces, as a command",
            one: { name: "npm run render", sample: one },
            other: { name: "start of the program", sample: other },
            allowed: `${more} s longer; on a machine that is not busy, at most 2 s`,
        };
    } finally {
        end();
    }
}

async function changeOfPolicy(): Promise<Row> {
    const policy = await ChangingPolicy.open();
    try {
        const [one, other] = await sideBySide(
            ROUNDS,
            () => policy.change(),
            async () => (await ChangingPolicy.open()).close(),
        );
        return {
            what: "A changed AuthorizationPolicy, until the first request that meets it",
            one: { name: "in a running proxy", sample: one },
            other: { name: "start of the proxy and its program, with a CA", sample: other },
            allowed: "less than 1: nothing is started again; within a second on a machine that is not busy",
        };
    } finally {
        await policy.close();
    }
}

function inWords({ min, median, max }: Sample): string {
    const seconds = (ms: number): string => (ms / 1000).toFixed(2);
    return `${seconds(median)} s (${seconds(min)} to ${seconds(max)})`;
}

void main();
