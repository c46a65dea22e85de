import { type Concern, type Finder, type Review, TOPICS } from "./concern";
import { controlPlanes } from "./control-plane";
import { hosts } from "./hosts";
import { lost } from "./lost";
import { membership } from "./membership";
import { mtls } from "./mtls";
import { networkPolicies } from "./network";
import { newcomers, policies } from "./policies";
import { rollouts } from "./rollouts";

export { code, type Concern, type Review, type Topic, TOPICS } from "./concern";

const FINDERS: Finder[] = [
    controlPlanes,
    mtls,
    policies,
    networkPolicies,
    hosts,
    membership,
    lost,
    rollouts,
    newcomers,
];

/** What a reviewer should know of a change, the widest first. */
export function concernsOf(review: Review): Concern[] {
    const order = Object.keys(TOPICS);
    return FINDERS.flatMap((find) => find(review)).sort((a, b) => order.indexOf(a.topic) - order.indexOf(b.topic));
}
