/** Config of TLS for requests from outside. */
import { choice, object, subdomain, text } from "./fields";

export const tls = object({
    mode: choice(["edge", "reencrypt", "passthrough"]).describe(
        "Where TLS from outside ends. edge: at the router; reencrypt: at the router, and again at the gateway; " +
            "passthrough: at the gateway alone. Required.",
    ),
    credential: subdomain("the name of a Secret")
        .optional()
        .describe(
            "The Secret with the gateway's certificate and key (tls.crt, tls.key), in the gateway's namespace. Required " +
                "with reencrypt and passthrough.",
        ),
    destinationCA: text("a certificate in PEM", { pattern: /-----BEGIN CERTIFICATE-----/ })
        .optional()
        .describe(
            "The authority in PEM by which the router knows the gateway, with reencrypt. Default: the cluster's own.",
        ),
    insecure: choice(["allow", "redirect", "none"])
        .default("redirect")
        .describe(
            "What becomes of requests in plain HTTP: allow (not with passthrough), redirect or none. Default: redirect.",
        ),
})
    .optional()
    .describe("TLS for requests from outside. Default: plain HTTP.");
