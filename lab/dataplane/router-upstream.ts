import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { KubeObject } from "../../kube";
import type { Endpoint } from "./endpoints";

const HANDSHAKE_MS = 5_000;

/** Connects a router to the pods behind a Route. */
export class Upstreams {
    private turn = 0;

    /**
     * One pod after the other, beginning with another one each time; with TLS for a reencrypt Route. Undefined when
     * none takes the connection.
     */
    async connect(endpoints: Endpoint[], route: KubeObject): Promise<Socket | undefined> {
        const start = this.turn++;
        for (let i = 0; i < endpoints.length; i++) {
            const socket = await connectedTo(endpoints[(start + i) % endpoints.length]);
            const ready = socket && isReencrypt(route) ? await encrypted(socket, route) : socket;
            if (ready !== undefined) {
                return ready;
            }
        }
        return undefined;
    }
}

function isReencrypt(route: KubeObject): boolean {
    return route.spec.tls?.termination === "reencrypt";
}

function connectedTo({ host, localPort: port }: Endpoint): Promise<Socket | undefined> {
    return new Promise((resolve) => {
        const attempt = connectPlain({ host, port, noDelay: true, allowHalfOpen: true });
        attempt.once("connect", () => resolve(attempt));
        attempt.once("error", () => resolve(undefined));
    });
}

/**
 * As HAProxy does it for OpenShift (openshift/router, images/router/haproxy/conf/haproxy-config.template): the pod's
 * certificate must be of the Route's destination CA, whatever it names; and the pod is not told which host is meant,
 * as there is no SNI. Without that CA it would have to be the cluster's own for services, which the lab has not.
 */
function encrypted(socket: Socket, route: KubeObject): Promise<Socket | undefined> {
    return new Promise((resolve) => {
        const secure = connectTls({
            socket,
            ca: route.spec.tls.destinationCACertificate ?? [],
            servername: "",
            checkServerIdentity: () => undefined,
            ALPNProtocols: ["http/1.1"],
        });
        const fail = (): void => {
            clearTimeout(limit);
            secure.destroy();
            socket.destroy();
            resolve(undefined);
        };
        const limit = setTimeout(fail, HANDSHAKE_MS);
        secure.once("error", fail);
        secure.once("secureConnect", () => {
            clearTimeout(limit);
            secure.off("error", fail);
            resolve(secure);
        });
    });
}
