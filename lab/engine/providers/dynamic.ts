import { credentials } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import {
    CheckRequest,
    type CheckResponse,
    ConfigureRequest,
    type ConfigureResponse,
    CreateRequest,
    type CreateResponse,
    DeleteRequest,
    DiffRequest,
    DiffResponse,
    UpdateRequest,
    type UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { type Diff, differences } from "../plan/diff";
import { writePath } from "../plan/paths";
import { endOf, startNode } from "../processes";
import { hasUnknown, markLike, plain, type Props, type Value } from "../values";
import type { Made, Old, Provider, Work } from "./provider";

export interface DynamicOptions {
    programDir: string;
    project: string;
    env: NodeJS.ProcessEnv;
    /** "project:key" to its value. */
    config: Record<string, string>;
    onLine(line: string): void;
}

type Call<Q, R> = (request: Q, done: (error: Error | null, response: R) => void) => unknown;

const PROVIDER_CODE = "__provider";

/**
 * `pulumi.dynamic.Resource`: its code came serialized in the inputs and runs in the SDK's own process
 * (@pulumi/pulumi/cmd/dynamic-provider), which is started when first needed. That process takes no secrets, so it gets
 * them in clear and what it returns under the same names is secret again (pulumi sdk/go/common/resource/plugin).
 */
export class DynamicProvider implements Provider {
    private started?: Promise<{ client: ResourceProviderClient; end(): Promise<void> }>;

    constructor(private readonly options: DynamicOptions) {}

    async check(urn: string, old: Props | undefined, wanted: Props): Promise<Props> {
        const request = new CheckRequest();
        request.setUrn(urn);
        request.setOlds(struct(old ?? {}));
        request.setNews(struct(wanted));
        const response = await this.call("check", request);
        const failures = response.getFailuresList().map((f) => `${f.getProperty()}: ${f.getReason()}`);
        if (failures.length > 0) {
            throw new Error(failures.join("; "));
        }
        return markLike(props(response.getInputs()), wanted);
    }

    async diff(old: Old, wanted: Props): Promise<Diff> {
        const found = differences(withoutCode(old.inputs), withoutCode(wanted)).map((d) => writePath(d.path));
        const codeChanged = differences(old.inputs[PROVIDER_CODE], wanted[PROVIDER_CODE]).length > 0;
        const keys = codeChanged ? [...found, PROVIDER_CODE] : found;
        const request = new DiffRequest();
        request.setId(old.id);
        request.setOlds(struct(old.outputs));
        request.setOldInputs(struct(old.inputs));
        request.setNews(struct(wanted));
        const response = await this.call("diff", request);
        const replaces = response.getReplacesList();
        const deleteBeforeReplace = response.getDeletebeforereplace();
        // Without an opinion of the provider's, the engine compares the inputs (plugin/provider_plugin.go, Diff).
        const verdict = response.getChanges();
        const changes = verdict === DiffResponse.DiffChanges.DIFF_UNKNOWN ? keys.length > 0 : undefined;
        const said = verdict === DiffResponse.DiffChanges.DIFF_SOME;
        return { keys, replaces, deleteBeforeReplace, changes: changes ?? said };
    }

    async create(wanted: Props, work: Work): Promise<Made> {
        if (work.preview) {
            return { id: "", outputs: wanted };
        }
        const request = new CreateRequest();
        request.setUrn(work.urn);
        request.setProperties(struct(wanted));
        request.setTimeout(work.timeoutSeconds ?? 0);
        const response = await this.call("create", request);
        return { id: response.getId(), outputs: markLike(props(response.getProperties()), wanted) };
    }

    async update(old: Old, wanted: Props, work: Work): Promise<Props> {
        if (work.preview || hasUnknown(wanted)) {
            return wanted;
        }
        const request = new UpdateRequest();
        request.setId(old.id);
        request.setUrn(work.urn);
        request.setOlds(struct(old.outputs));
        request.setOldInputs(struct(old.inputs));
        request.setNews(struct(wanted));
        request.setTimeout(work.timeoutSeconds ?? 0);
        const response = await this.call("update", request);
        return markLike(props(response.getProperties()), wanted);
    }

    async delete(old: Old, work: Work): Promise<void> {
        const request = new DeleteRequest();
        request.setId(old.id);
        request.setUrn(work.urn);
        request.setProperties(struct(old.outputs));
        request.setOldInputs(struct(old.inputs));
        request.setTimeout(work.timeoutSeconds ?? 0);
        await this.call("delete", request);
    }

    async close(): Promise<void> {
        const started = this.started;
        this.started = undefined;
        await (await started?.catch(() => undefined))?.end();
    }

    private async call<K extends keyof Calls>(method: K, request: Calls[K][0]): Promise<Calls[K][1]> {
        this.started ??= this.start();
        const { client } = await this.started;
        return invoke(client, method, request);
    }

    private async start(): Promise<{ client: ResourceProviderClient; end(): Promise<void> }> {
        const { programDir, project, env, config, onLine } = this.options;
        // Source: plugin/provider_plugin.go, NewProvider: what a plugin finds in its environment.
        const extra = {
            PULUMI_NODEJS_PROJECT: project,
            PULUMI_PROJECT: project,
            PULUMI_CONFIG: JSON.stringify(config),
        };
        let port = "";
        // It wants the address of an engine, and does nothing with it.
        const child = startNode("@pulumi/pulumi/cmd/dynamic-provider", {
            cwd: programDir,
            env: { ...env, ...extra },
            args: ["127.0.0.1:0"],
        });
        await new Promise<void>((resolve, reject) => {
            child.onStdout((line) => {
                if (port === "" && /^\d+$/.test(line)) {
                    port = line;
                    resolve();
                } else {
                    onLine(line);
                }
            });
            child.onStderr(onLine);
            void child.ended.then(({ code }) => reject(new Error(`the dynamic provider process ended (${code})`)));
        });
        const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure(), {
            "grpc.max_receive_message_length": -1,
        });
        const configure = new ConfigureRequest();
        configure.setArgs(struct(config));
        await invoke(client, "configure", configure);
        return {
            client,
            end: async () => {
                client.close();
                await endOf(child, 2_000);
            },
        };
    }
}

/** The calls made here: what each takes and gives. */
interface Calls {
    check: [CheckRequest, CheckResponse];
    diff: [DiffRequest, DiffResponse];
    create: [CreateRequest, CreateResponse];
    update: [UpdateRequest, UpdateResponse];
    delete: [DeleteRequest, Empty];
    configure: [ConfigureRequest, ConfigureResponse];
}

function invoke<K extends keyof Calls>(
    client: ResourceProviderClient,
    method: K,
    request: Calls[K][0],
): Promise<Calls[K][1]> {
    return new Promise((resolve, reject) => {
        const call = (client[method] as unknown as Call<Calls[K][0], Calls[K][1]>).bind(client);
        call(request, (error, response) => {
            if (error) {
                reject(new Error((error as { details?: string }).details || error.message));
            } else {
                resolve(response);
            }
        });
    });
}

function struct(values: Props | Record<string, string>): Struct {
    return Struct.fromJavaScript(plain<Props>(values as Value) as Parameters<typeof Struct.fromJavaScript>[0]);
}

function props(values: Struct | undefined): Props {
    return (values?.toJavaScript() ?? {}) as Props;
}

function withoutCode(values: Props): Props {
    const { [PROVIDER_CODE]: _, ...rest } = values;
    return rest;
}
