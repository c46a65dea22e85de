import type { KubeObject } from "../../../kube";
import type { MeshView, Workload } from "../../../lab/dataplane/translate";
import { gateway, object, service, to, virtualService } from "../../unit/dataplane/objects";
import { type Answer, type Call, Client } from "./client";
import { type Handler, Playground } from "./playground";

export const SAMPLE = "sample.shop.svc.cluster.local";
export const CALLER = "caller.shop.svc.cluster.local";
export const HOST = "sample.apps.example.com";

/** The scenario in small: a gateway, two services with sidecars and two without. */
export class SmallMesh {
    /** How often the program `flaky` was asked; it answers every third time. */
    asked = 0;
    private readonly outside = new Client();
    private readonly beginning: MeshView;

    private constructor(
        readonly playground: Playground,
        readonly ingress: Workload,
        readonly sample: Workload,
        private readonly caller: Workload,
    ) {
        this.beginning = playground.now;
    }

    static async open(): Promise<SmallMesh> {
        const playground = await Playground.open();
        const ingress = await playground.pod({
            namespace: "istio-system",
            pod: "gateway",
            labels: { app: "istio-ingressgateway", istio: "ingressgateway" },
            sidecar: false,
            gateway: true,
        });
        const sample = await playground.pod({ namespace: "shop", pod: "sample" }, echo("sample"));
        const caller = await playground.pod({ namespace: "shop", pod: "caller" }, echo("caller"));
        await playground.pod({ namespace: "office", pod: "legacy", sidecar: false }, echo("legacy"));
        await playground.pod({ namespace: "office", pod: "flaky", sidecar: false }, (request, response) => {
            mesh.asked++;
            response.writeHead(mesh.asked % 3 === 0 ? 200 : 503).end(request.url);
        });
        await playground.apply({
            services: [
                service("shop", "sample"),
                service("shop", "caller"),
                service("office", "legacy"),
                service("office", "flaky"),
                service("istio-system", "istio-ingressgateway", [{ name: "http2", port: 80, targetPort: 8080 }]),
            ],
            gateways: [gateway("g", ["*.apps.example.com", "wild.example.com"])],
        });
        const mesh = new SmallMesh(playground, ingress, sample, caller);
        return mesh;
    }

    async apply(patch: Partial<MeshView>): Promise<void> {
        await this.playground.apply(patch);
    }

    /** Back to the beginning. */
    async reset(): Promise<void> {
        await this.apply(this.beginning);
    }

    atGateway(call: Partial<Call> = {}): Promise<Answer> {
        return this.outside.call({ address: this.ingress.address, host: HOST, ...call });
    }

    /** As the caller's own program does it: through its sidecar. */
    fromCaller(call: Partial<Call> = {}): Promise<Answer> {
        return this.outside.call({ address: this.caller.address, port: 15_001, host: `${SAMPLE}:8080`, ...call });
    }

    /** Straight to the pod, without a sidecar. */
    fromOutside(): Promise<Answer> {
        return this.outside.call({ address: this.sample.address });
    }

    async close(): Promise<void> {
        this.outside.close();
        await this.playground.close();
    }
}

/** A small mesh for the tests of a describe(), as at the beginning for each of them. */
export function withSmallMesh(): () => SmallMesh {
    let mesh: SmallMesh;
    before(async () => {
        mesh = await SmallMesh.open();
    });
    afterEach(() => mesh.reset());
    after(() => mesh?.close());
    return () => mesh;
}

/** Answers with what it was asked, so that a test sees what arrived. */
function echo(name: string): Handler {
    return ({ method, url, headers }, response) => {
        const from = headers["x-forwarded-client-cert"];
        const body = JSON.stringify({ name, method, url, host: headers.host, from });
        const wait = Number(headers["x-wait"] ?? 0);
        setTimeout(() => response.writeHead(201, { server: "program" }).end(body), wait);
    };
}

/** A VirtualService at the gateway. */
export function exposed(http: object, hosts = [HOST]): { virtualServices: KubeObject[] } {
    const rules = [{ route: [to(SAMPLE, 8080)], ...http }];
    return { virtualServices: [virtualService("v", { hosts, gateways: ["g"], http: rules })] };
}

/** What 1.1's operator makes of a control plane's mTLS: what is taken in, and how others are called. */
export function mtls(peers: object[], client = "ISTIO_MUTUAL") {
    const spec = { host: "*.local", trafficPolicy: { tls: { mode: client } } };
    return {
        meshPolicies: [object("ServiceMeshPolicy", "istio-system", "default", { peers })],
        destinationRules: [object("DestinationRule", "istio-system", "default", spec)],
    };
}
