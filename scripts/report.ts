import { csvInWords } from "./screen/lines";

/** The stack's outputs as far as they are shown (consumer/contract.ts is the contract). */
interface Shown {
    urls?: Record<string, string>;
    controlPlane?: { name: string; namespace: string; version: string; mtls: string };
    members?: string[];
    operators?: Record<string, string>;
}

/** What `npm start` prints when all is done: the hosts first, aligned. */
export function reportOf(outputs: Record<string, unknown>): string[] {
    const { urls = {}, controlPlane, members = [], operators = {} } = outputs as Shown;
    const facts: [string, string][] = Object.entries(urls);
    const lines = aligned(facts);
    const about: [string, string][] = [];
    if (controlPlane) {
        const { name, namespace, version, mtls } = controlPlane;
        about.push(["control plane", `${name} in ${namespace}, ${version}, mtls ${mtls}`]);
    }
    if (members.length > 0) {
        about.push(["members", members.join(", ")]);
    }
    if (Object.keys(operators).length > 0) {
        about.push(["operators", Object.values(operators).map(csvInWords).join(" · ")]);
    }
    return lines.length > 0 && about.length > 0 ? [...lines, "", ...aligned(about)] : [...lines, ...aligned(about)];
}

function aligned(pairs: [string, string][]): string[] {
    const width = Math.max(0, ...pairs.map(([name]) => name.length));
    return pairs.map(([name, value]) => `${name.padEnd(width)}   ${value}`);
}
