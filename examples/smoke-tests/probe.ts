import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** One question, and the answer that is right. */
export interface Probe {
    /** Default: GET. */
    method?: string;
    /** Default: /. */
    path?: string;
    /** JSON; default: none. */
    body?: string;
    /** The status of the right answer. */
    expect: number;
}

/** Succeeds when the status is the expected one, and says in its log what it was. */
const SCRIPT = `status=$(curl --silent --show-error --max-time 10 --output /dev/null --write-out '%{http_code}' \\
    --request "$METHOD" \${BODY:+--header 'Content-Type: application/json' --data "$BODY"} "$URL")
echo "$METHOD $URL: \${status:-no answer}, expected $EXPECT"
[ "$status" = "$EXPECT" ]`;

/** The container that asks once. @param url of the host, without a path */
export function containerOf(
    probe: Probe,
    url: pulumi.Output<string>,
    image: string,
): k8s.types.input.core.v1.Container {
    const { method = "GET", path = "/", body = "", expect } = probe;
    return {
        name: "probe",
        image,
        command: ["/bin/sh", "-c", SCRIPT],
        env: [
            { name: "URL", value: url.apply((host) => `${host}${path}`) },
            { name: "METHOD", value: method },
            { name: "BODY", value: body },
            { name: "EXPECT", value: String(expect) },
        ],
        resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } },
        securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
        },
    };
}
