/** Config of an image that OpenShift builds, for who has no registry. */
import { object, text } from "./fields";

const HOST = "[^\\s@/:#?]+(:\\d+)?";
const WEB = `(https?|git)://${HOST}/[^\\s#?]+`;
const SSH = `ssh://([\\w.-]+@)?${HOST}/[^\\s#?]+|[\\w.-]+@${HOST}:[^\\s#?]+`;

function repository() {
    return text("a git repository like https://git.example.com/shop/cart.git, without credentials", {
        pattern: new RegExp(`^(${WEB}|${SSH})$`),
        max: 1024,
        hint: (value) =>
            /^https?:\/\/[^/]*@/.test(value)
                ? "keep credentials in a Secret of the namespace, linked to the ServiceAccount builder"
                : value.includes("#")
                  ? "give what follows # as ref"
                  : undefined,
    });
}

/** Within the repository: never above it. */
function inside(what: string) {
    return text(`${what}, relative, without ".."`, {
        pattern: /^[\w.-][\w./-]*$/,
        test: (value) => !value.split("/").includes(".."),
        hint: (value) => (value.startsWith("/") ? `did you mean ${value.replace(/^\/+/, "")}?` : undefined),
    });
}

export const build = object({
    git: repository().describe("The repository that OpenShift builds its image from. Either build, image or existing."),
    ref: text("a branch, tag or commit", { pattern: /^\w[\w./-]*$/, max: 255 })
        .optional()
        .describe("Branch, tag or commit; only a commit is always the same. Default: the repository's own branch."),
    context: inside("a folder of the repository")
        .optional()
        .describe("The folder that is built, within the repository. Default: all of it."),
    containerfile: inside("the path of a Containerfile")
        .default("Dockerfile")
        .describe("The path of its Containerfile, within that folder. Default: Dockerfile."),
})
    .optional()
    .describe("OpenShift builds its image. Either this, image or existing.");
