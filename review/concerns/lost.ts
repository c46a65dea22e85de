import type { Change } from "../changes";
import { isApiGateway } from "../picture";
import { code, type Concern, type Finder, some } from "./concern";

/** What of a thing goes with it, where that is more than the thing itself. */
const GOES_WITH: Record<string, string> = {
    Namespace: ", and everything in it",
    Secret: ", and what it holds",
    Deployment: ", and its pods",
    Gateway: ", and its pods",
    Service: ": callers inside the cluster no longer find it",
    CustomResourceDefinition: ", and all objects of that kind",
};

/** Kinds whose going is told in words of their own. */
const TOLD = ["ServiceMeshControlPlane", "Istio", "IstioCNI", "IstioRevisionTag", "Subscription", "NetworkPolicy"];
const TOLD_BY_EFFECT = ["AuthorizationPolicy", "Gateway", "VirtualService", "HTTPRoute", "Route"];

/** What is deleted or made anew, and is not told otherwise; and what can be from now on. */
export const lost: Finder = ({ changes }) => [
    ...changes.filter(({ before }) => before?.protect).flatMap(protection),
    ...changes.filter(({ operation }) => operation === "deleted" || operation === "replaced").flatMap(concern),
];

function concern({ operation, is, before, because }: Change): Concern[] {
    const byEffect = operation === "deleted" && TOLD_BY_EFFECT.includes(is.kind) && !isApiGateway(is);
    if (is.patch || TOLD.includes(is.kind) || byEffect) {
        return [];
    }
    if (operation === "deleted") {
        return [
            { topic: "lost", warns: is.kind in GOES_WITH, text: `${is.title} is deleted${GOES_WITH[is.kind] ?? ""}` },
        ];
    }
    // A ConfigMap with another name for other content is how its pods come to know of it.
    const warns = is.kind !== "ConfigMap";
    const renamed = before !== undefined && before.title !== is.title ? `${before.title} gives way to ${is.title}` : "";
    return [{ topic: "lost", warns, text: `${renamed || `${is.title} is made anew`}: ${some(because.map(code))}` }];
}

/** What is protected and changes: that it no longer is, or that the engine will refuse. */
function protection({ operation, is, before, after }: Change): Concern[] {
    const say = (text: string): Concern[] => [
        { topic: "unprotected", warns: true, text: `${(before ?? is).title} ${text}` },
    ];
    if (operation === "deleted" || operation === "replaced") {
        return say("is protected: the engine refuses to delete it until an update has lifted that");
    }
    return after?.protect ? [] : say("is no longer protected: the next update or destroy may delete it");
}
