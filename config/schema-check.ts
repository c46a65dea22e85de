/** Config of the request by which a running service is checked. */
import { choice, integer, object, text } from "./fields";

const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"] as const;

export const check = object({
    method: choice(METHODS).default("GET").describe("Its method. Default: GET."),
    path: text('a path that begins with "/"', { pattern: /^\/[^\s#]*$/ })
        .default("/")
        .describe("Its path, with the query if there is one. Default: /."),
    body: text("text").optional().describe("What it sends. Default: nothing."),
    contentType: text("a media type like application/json", { pattern: /^[\w.+-]+\/[\w.+-]+(;.*)?$/ })
        .default("application/json")
        .describe("The media type of the body. Default: application/json."),
    expect: integer(200, 599, "an HTTP status")
        .optional()
        .describe("The status of a good answer. Default: any below 500."),
})
    .prefault({})
    .describe("The request by which npm run verify sees that the service answers. Default: GET /.");
