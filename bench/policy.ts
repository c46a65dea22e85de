import { setTimeout as sleep } from "node:timers/promises";
import { object, service } from "../tests/unit/dataplane/objects";
import { Client, outcome } from "../tests/lab/translator/client";
import { Playground } from "../tests/lab/translator/playground";

const PAUSE_MS = 2;

/** A service behind a sidecar, whose policy changes again and again. */
export class ChangingPolicy {
    private isOpen = true;

    private constructor(
        private readonly playground: Playground,
        private readonly address: string,
        private readonly client: Client,
    ) {}

    /** From nothing to the first answer. */
    static async open(): Promise<ChangingPolicy> {
        const playground = await Playground.open();
        const pod = await playground.pod({ namespace: "shop", pod: "sample" }, (_, response) => response.end("ok"));
        await playground.apply({ services: [service("shop", "sample")] });
        const made = new ChangingPolicy(playground, pod.address, new Client());
        await made.until("200");
        return made;
    }

    /** From the moment in which the API server holds the other policy to the first request that meets it. */
    async change(): Promise<void> {
        this.isOpen = !this.isOpen;
        const nobody = object("AuthorizationPolicy", "shop", "nobody", {});
        const applied = this.playground.apply({ authorizationPolicies: this.isOpen ? [] : [nobody] });
        await this.until(this.isOpen ? "200" : "403");
        await applied;
    }

    async close(): Promise<void> {
        this.client.close();
        await this.playground.close();
    }

    private async until(wanted: string): Promise<void> {
        while ((await outcome(this.client.call({ address: this.address }))) !== wanted) {
            await sleep(PAUSE_MS);
        }
    }
}
