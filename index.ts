import * as pulumi from "@pulumi/pulumi";
import { hold } from "./cluster/gate";
import { appsDomain, look, LookError } from "./cluster/look";
import { type Context, runError } from "./components";
import { ConfigError } from "./config/problems";
import { connect, ConnectError } from "./stacks/connect";
import { mesh } from "./stacks/mesh";
import { PlatformError, referToPlatform } from "./stacks/platform-reference";
import { decide, foreignPieces, looksAt, UndecidedError } from "./stacks/plan";
import { readConfig, secretsOf } from "./stacks/read-config";

/** Errors whose message says everything; any other is a defect of this program, and its stack trace is wanted. */
const FOR_PEOPLE = [ConfigError, ConnectError, LookError, PlatformError, UndecidedError];

/**
 * One environment: read its config, look at its cluster once, decide everything that can be decided before anything is
 * touched, then declare it. A mistake in any of these ends the run with one message.
 */
export = async () => {
    try {
        const given = pulumi.runtime.allConfig();
        const from = await referToPlatform(given);
        const config = await readConfig(given, async () => appsDomain(connect()), from?.platform);
        const mark = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
        const cluster = connect();
        const facts = await look(cluster, looksAt(config, mark));
        const plan = decide(config, facts, mark, `Pulumi.${pulumi.getStack()}.yaml`);
        pulumi.log.info(`look: ${plan.summary}`);
        const context: Context = {
            mark,
            dialect: plan.now.dialect,
            timeouts: config.timeouts,
            protect: config.protect,
            digests: facts.digests,
            foreign: foreignPieces(facts, mark),
            hold: (gate, report) => hold(cluster, gate, report),
        };
        return mesh({ plan, secrets: secretsOf(config), ...(from ? { from } : {}) }, context);
    } catch (error) {
        throw FOR_PEOPLE.some((kind) => error instanceof kind) ? runError((error as Error).message) : error;
    }
};
