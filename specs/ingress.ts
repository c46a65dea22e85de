/** A service that is reached from outside. */
export interface Exposed {
    name: string;
    host: string;
    port: number;
}

/** One server for all hosts of the namespace, on the gateway that the control plane runs. */
export function gatewaySpec(services: Exposed[]): object {
    return {
        selector: { istio: "ingressgateway" },
        servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: services.map((s) => s.host) }],
    };
}

/** Everything that arrives for the host goes to the service, named in full so that no search domain decides. */
export function virtualServiceSpec(service: Exposed, namespace: string, gateway: string): object {
    return {
        hosts: [service.host],
        gateways: [gateway],
        http: [
            {
                match: [{ uri: { prefix: "/" } }],
                route: [
                    { destination: { host: internalHost(service.name, namespace), port: { number: service.port } } },
                ],
            },
        ],
    };
}

/** The name by which a service is known inside the cluster. */
export function internalHost(service: string, namespace: string): string {
    return `${service}.${namespace}.svc.cluster.local`;
}
