import type { KubeObject } from "../../kube";
import { internalHost } from "../../specs/ingress";
import { type Environment, type Side, sideFor, type VerifiedService } from "../environment";
import { type MeshTls, meshTls, type Mode, receives } from "../mtls";
import { labelsOf } from "../objects/security";
import { decide, type PolicyRequest, policiesFor } from "../policy";
import type { View } from "../reads";

/** What must come of a request. */
export type Expectation =
    /** The service's own answer; without a status any below 500. */
    | { is: "answer"; status?: number }
    /** The mesh refuses it: 403. */
    | { is: "denied" }
    /** The connection is closed without an answer. */
    | { is: "reset" }
    /** The router sends the client to the same address in TLS. */
    | { is: "redirect" }
    /** The router has nothing for plain HTTP. */
    | { is: "unavailable" }
    /** The service answers, but cannot do what it is asked for: it may not call another one. */
    | { is: "no-success"; status?: number }
    | { is: "unknown" };

export interface PlannedRequest {
    service: VerifiedService;
    /** Through the ingress gateway by its host, or by a client in the cluster that has no sidecar. */
    from: "gateway" | "plain";
    scheme: "http" | "https";
    expectation: Expectation;
    because: string;
}

interface Outlook {
    expectation: Expectation;
    because: string;
}

/** Every request that tells something, and what the policies that are in the cluster say must come of it. Pure. */
export function planRequests(env: Environment, view: View): PlannedRequest[] {
    const foreseer = new Foreseer(env, view);
    const exposed = env.services.filter((s) => s.host !== undefined);
    return [
        ...exposed.flatMap((service) => foreseer.fromOutside(service)),
        ...env.services.map((service) => ({
            service,
            from: "plain" as const,
            scheme: "http" as const,
            ...foreseer.plain(service),
        })),
    ];
}

class Foreseer {
    private readonly tls: Map<Side, MeshTls>;

    constructor(
        private readonly env: Environment,
        private readonly view: View,
    ) {
        this.tls = new Map(env.sides.map((side) => [side, meshTls(side, view)]));
    }

    /** By the host: in TLS where the service has it, and then in plain HTTP too, which is the router's to answer. */
    fromOutside(service: VerifiedService): PlannedRequest[] {
        const { tls } = service;
        const through = { service, from: "gateway" as const, ...this.throughGateway(service) };
        if (tls === undefined) {
            return [{ ...through, scheme: "http" }];
        }
        const why = `plain HTTP: ${tls.insecure}`;
        const plainly: Record<typeof tls.insecure, Outlook> = {
            allow: { expectation: through.expectation, because: `${why}; ${through.because}` },
            redirect: { expectation: { is: "redirect" }, because: why },
            none: { expectation: { is: "unavailable" }, because: why },
        };
        return [
            { ...through, scheme: "https" },
            { service, from: "gateway", scheme: "http", ...plainly[tls.insecure] },
        ];
    }

    /** The gateway is a caller like any other, with an identity of its own. */
    private throughGateway(service: VerifiedService): Outlook {
        const side = sideFor(this.env, service.namespace);
        const { namespace, service: name, principal } = side.entry;
        const account = accountOf(this.workload(namespace, name)) ?? principal.split("/sa/")[1];
        return this.called(service, service.host ?? "", side, { namespace, serviceAccount: account });
    }

    /** Plain text carries no identity, and a service that insists on mTLS does not even listen. */
    plain(service: VerifiedService): Outlook {
        if (this.mode(service) === "strict") {
            return { expectation: { is: "reset" }, because: "mTLS is strict" };
        }
        return this.answers(service, hostInside(service), undefined, []);
    }

    /** @param by the mesh that the caller is of */
    private called(
        service: VerifiedService,
        host: string,
        by: Side,
        source: PolicyRequest["source"],
        before: string[] = [],
    ): Outlook {
        const { sends } = this.tlsOf(by);
        const mode = this.mode(service);
        if (mode === "strict" && !sends) {
            return { expectation: { is: "unknown" }, because: "plain text is refused, and clients use nothing else" };
        }
        return this.answers(service, host, sends && mode !== "off" ? source : undefined, before);
    }

    /** @param before the services that have led here */
    private answers(
        service: VerifiedService,
        host: string,
        source: PolicyRequest["source"],
        before: string[],
    ): Outlook {
        const { name, namespace, port, check } = service;
        const labels = labelsOf(this.view, namespace, name);
        const root = sideFor(this.env, namespace).config.controlPlane.namespace;
        const policies = policiesFor(this.view.authorizationPolicies, { namespace, labels }, root);
        const path = check.path.split("?")[0];
        const decision = decide(policies, { source, method: check.method, path, host, port });
        if (decision.is !== "allowed") {
            return { expectation: { is: decision.is }, because: decision.why };
        }
        const inner = this.innerCalls(service, before);
        const expected = check.expect === undefined ? {} : { status: check.expect };
        const stuck = inner.find(
            (call) => call.outlook.expectation.is === "denied" || call.outlook.expectation.is === "no-success",
        );
        if (stuck) {
            const because = `it calls ${stuck.name}, which does not let it: ${stuck.outlook.because}`;
            return { expectation: { is: "no-success", ...expected }, because };
        }
        const open = inner.find((call) => call.outlook.expectation.is === "unknown");
        if (open) {
            return { expectation: { is: "unknown" }, because: `it calls ${open.name}: ${open.outlook.because}` };
        }
        const also = inner.map((call) => `it may call ${call.name}: ${call.outlook.because}`);
        return { expectation: { is: "answer", ...expected }, because: [decision.why, ...also].join("; ") };
    }

    /** How a service calls another is not known here; its check is taken for it. */
    private innerCalls(service: VerifiedService, before: string[]): { name: string; outlook: Outlook }[] {
        const path = [...before, `${service.namespace}/${service.name}`];
        const workload = this.workload(service.namespace, service.name);
        const source = { namespace: service.namespace, serviceAccount: accountOf(workload) ?? "default" };
        const by = sideFor(this.env, service.namespace);
        return this.env.services
            .filter(
                (s) => service.calls.includes(`${s.namespace}/${s.name}`) && !path.includes(`${s.namespace}/${s.name}`),
            )
            .map((callee) => ({
                name: callee.name,
                outlook: this.called(callee, hostInside(callee), by, source, path),
            }));
    }

    private tlsOf(side: Side): MeshTls {
        return this.tls.get(side) as MeshTls;
    }

    private mode({ namespace, name, port }: VerifiedService): Mode {
        const labels = labelsOf(this.view, namespace, name);
        return receives(this.view, this.tlsOf(sideFor(this.env, namespace)), { namespace, name, port, labels });
    }

    private workload(namespace: string, name: string): KubeObject | undefined {
        const all = [...this.view.deployments, ...this.view.deploymentConfigs];
        return all.find((w) => w.metadata.namespace === namespace && w.metadata.name === name);
    }
}

function accountOf(workload: KubeObject | undefined): string | undefined {
    return workload?.spec?.template?.spec?.serviceAccountName;
}

/** The Host header of a call inside the cluster. */
export function hostInside({ name, namespace, port }: VerifiedService): string {
    return `${internalHost(name, namespace)}:${port}`;
}
