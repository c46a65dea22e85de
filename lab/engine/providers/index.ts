import type { Kube } from "../../../kube";
import { DynamicProvider, type DynamicOptions } from "./dynamic";
import { KubernetesProvider } from "./kubernetes";
import type { Provider } from "./provider";
import { RandomProvider } from "./random";

export interface ProvidersOptions extends DynamicOptions {
    kube(): Kube;
}

/** The providers of one run, made when first needed. */
export class Providers {
    private readonly made = new Map<string, Provider>();

    constructor(private readonly options: ProvidersOptions) {}

    /** Errors: nothing here makes resources of that type. */
    of(type: string): Provider {
        const name = type.split(":")[0];
        let provider = this.made.get(name);
        if (!provider) {
            provider = this.make(name, type);
            this.made.set(name, provider);
        }
        return provider;
    }

    async close(): Promise<void> {
        await Promise.all([...this.made.values()].map((provider) => provider.close?.()));
    }

    private make(name: string, type: string): Provider {
        switch (name) {
            case "kubernetes":
                return new KubernetesProvider(this.options.kube());
            case "random":
                return new RandomProvider();
            case "pulumi-nodejs":
                return new DynamicProvider(this.options);
            default:
                throw new Error(`the stand-in engine has no provider for ${type}`);
        }
    }
}
