import type { Environment, NamespaceBox, ServiceBox } from "./model";
import { meshTitle, serviceLine, wordsOf } from "./words";

/** The picture as Mermaid's text, for Markdown that renders it; whoever renders it lays it out. */
export function mermaid(environment: Environment): string {
    const { operators, meshes, namespaces, calls } = environment;
    const known = new Set(namespaces.flatMap(({ services }) => services.map(({ id }) => id)));
    const callers = new Set(calls.filter(({ from }) => !known.has(from)).map(({ from }) => from.split("/")[0]));
    const lines = [
        "flowchart LR",
        ...box(
            "operators",
            "operators",
            operators.map((o) => node(`op ${o.package}`, [o.package, o.channel])),
        ),
        ...meshes.flatMap((mesh, at) => [
            node(`mesh ${at}`, [`control plane ${mesh.name}`, meshTitle(mesh), `namespace ${mesh.namespace}`]),
            `operators --> ${idOf(`mesh ${at}`)}`,
            node(gatewayId(at), [mesh.gateway.service, mesh.gateway.namespace]),
            `${idOf(`mesh ${at}`)} --> ${idOf(gatewayId(at))}`,
        ]),
        ...namespaces.flatMap((namespace) => [
            ...box(`ns ${namespace.name}`, `namespace ${namespace.name}`, [
                ...inside(namespace),
                ...(callers.has(namespace.name) ? [node(anyIn(namespace.name), ["anything in it"])] : []),
            ]),
            ...(namespace.mesh === undefined
                ? []
                : [`${idOf(`mesh ${namespace.mesh}`)} -. sidecars .-> ${idOf(`ns ${namespace.name}`)}`]),
            ...waysIn(namespace),
        ]),
        ...calls.map(({ from, to, what }) => {
            const caller = known.has(from) ? `svc ${from}` : anyIn(from.split("/")[0]);
            return arrow(caller, "-->", `svc ${to}`, what || "may call");
        }),
    ];
    return `${lines.map((line, i) => (i === 0 ? line : `    ${line}`)).join("\n")}\n`;
}

/** A box cannot point at what is in it: this stands for all that is. */
const anyIn = (namespace: string): string => `any ${namespace}`;
const gatewayId = (mesh: number): string => `gateway ${mesh}`;

function inside({ name, services, exceptions }: NamespaceBox): string[] {
    return [
        ...services.map((service) => node(`svc ${service.id}`, [serviceLine(service), ...wordsOf(service)])),
        ...exceptions.map((one) => node(`el ${name}/${one.name}`, [`EventListener ${one.name}`, "no sidecar"])),
    ];
}

function waysIn({ name, mesh, services, exceptions }: NamespaceBox): string[] {
    const gateway = gatewayId(mesh ?? 0);
    return [
        ...services
            .filter(({ host }) => host !== undefined)
            .flatMap((service) => [
                `${idOf(`host ${service.id}`)}([${quoted([service.host ?? "", service.tls ? `TLS ${service.tls}` : ""])}])`,
                arrow(`host ${service.id}`, "-->", gateway),
                way(gateway, service),
            ]),
        ...exceptions.flatMap((one) => [
            `${idOf(`elhost ${name}/${one.name}`)}([${quoted([one.host])}])`,
            arrow(`elhost ${name}/${one.name}`, "-.->", `el ${name}/${one.name}`, "past the mesh"),
        ]),
    ];
}

function way(gateway: string, { id, entry }: ServiceBox): string {
    return entry === "refused"
        ? arrow(gateway, "-.-x", `svc ${id}`, "refused")
        : arrow(gateway, "-->", `svc ${id}`, entry === "some" ? "some requests" : "");
}

function box(id: string, title: string, lines: string[]): string[] {
    return lines.length === 0
        ? [node(id, [title])]
        : [`subgraph ${idOf(id)} [${quoted([title])}]`, ...lines.map((line) => `    ${line}`), "end"];
}

function node(id: string, texts: string[]): string {
    return `${idOf(id)}[${quoted(texts)}]`;
}

function arrow(from: string, kind: string, to: string, text = ""): string {
    return `${idOf(from)} ${kind}${text ? `|${quoted([text])}|` : ""} ${idOf(to)}`;
}

/** Names of Kubernetes have no underscores, so that different things have different ids. */
function idOf(id: string): string {
    return id.replace(/[ .]/g, "_").replace(/\//g, "__").replace(/-/g, "_1").replace(/\*/g, "_2");
}

function quoted(texts: string[]): string {
    const escape = (text: string): string => text.replace(/&/g, "#amp;").replace(/"/g, "#quot;").replace(/</g, "#lt;");
    return `"${texts.filter(Boolean).map(escape).join("<br>")}"`;
}
