import type { KubeObject } from "../../kube";
import { internalHost } from "../../specs/ingress";
import type { Environment, VerifiedService } from "../environment";
import { labelsOf, type MeshTls, meshTls, receives } from "../objects/security";
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
    /** The service answers, but cannot do what it is asked for: it may not call another one. */
    | { is: "no-success"; status?: number }
    | { is: "unknown" };

export interface PlannedRequest {
    service: VerifiedService;
    /** Through the ingress gateway by its host, or by a client in the cluster that has no sidecar. */
    from: "gateway" | "plain";
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
        ...exposed.map((service) => ({ service, from: "gateway" as const, ...foreseer.throughGateway(service) })),
        ...env.services.map((service) => ({ service, from: "plain" as const, ...foreseer.plain(service) })),
    ];
}

class Foreseer {
    private readonly own: string;
    private readonly tls: MeshTls;

    constructor(
        private readonly env: Environment,
        private readonly view: View,
    ) {
        this.own = env.outputs.controlPlane.namespace;
        this.tls = meshTls(this.own, view);
    }

    /** The gateway is a caller like any other: its identity is that of the control plane's namespace. */
    throughGateway(service: VerifiedService): Outlook {
        const gateway = this.workload(this.own, "istio-ingressgateway");
        const account = accountOf(gateway) ?? "istio-ingressgateway-service-account";
        return this.called(service, service.host ?? "", { namespace: this.own, serviceAccount: account });
    }

    /** Plain text carries no identity, and a service that insists on mTLS does not even listen. */
    plain(service: VerifiedService): Outlook {
        if (this.mode(service) === "strict") {
            return { expectation: { is: "reset" }, because: "mTLS is strict" };
        }
        return this.answers(service, hostInside(service), undefined, []);
    }

    private called(
        service: VerifiedService,
        host: string,
        source: PolicyRequest["source"],
        before: string[] = [],
    ): Outlook {
        if (this.mode(service) === "strict" && !this.tls.sends) {
            return { expectation: { is: "unknown" }, because: "plain text is refused, and clients use nothing else" };
        }
        return this.answers(service, host, this.tls.sends ? source : undefined, before);
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
        const policies = policiesFor(this.view.authorizationPolicies, { namespace, labels }, this.own);
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
        return this.env.services
            .filter(
                (s) => service.calls.includes(`${s.namespace}/${s.name}`) && !path.includes(`${s.namespace}/${s.name}`),
            )
            .map((callee) => ({ name: callee.name, outlook: this.called(callee, hostInside(callee), source, path) }));
    }

    private mode({ namespace, name }: VerifiedService) {
        return receives(this.view, this.tls, namespace, name);
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
