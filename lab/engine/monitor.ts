import {
    type handleUnaryCall,
    Server,
    ServerCredentials,
    type ServiceError,
    status,
    type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import {
    GetRootResourceResponse,
    type LogRequest,
    LogSeverity,
    RequirePulumiVersionResponse,
    type SetRootResourceRequest,
    SetRootResourceResponse,
} from "@pulumi/pulumi/proto/engine_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import {
    DeploymentInfo,
    type ReadResourceRequest,
    ReadResourceResponse,
    type RegisterResourceOutputsRequest,
    type RegisterResourceRequest,
    RegisterResourceResponse,
    ResourceMonitorFeature as Feature,
    type SupportsFeatureRequest,
    SupportsFeatureResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Deployment } from "./deployment";
import { goalOf } from "./goal";
import { referenceOf } from "./reference";
import { Stopped } from "./run";
import type { ProgressEvent, Severity } from "./types";
import type { Props } from "./values";

/** What an SDK may use; transforms, hooks, other packages' components and the rest are not here. */
const FEATURES: Record<string, Feature> = {
    secrets: Feature.RESOURCE_MONITOR_FEATURE_SECRETS,
    resourceReferences: Feature.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    outputValues: Feature.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
    aliasSpecs: Feature.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    deletedWith: Feature.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
};

const SEVERITIES: Record<number, Severity> = {
    [LogSeverity.DEBUG]: "debug",
    [LogSeverity.INFO]: "info",
    [LogSeverity.WARNING]: "warning",
    [LogSeverity.ERROR]: "error",
};

export interface MonitorOptions {
    organization: string;
    project: string;
    stack: string;
    preview: boolean;
    parallel: number;
    config: Record<string, string>;
    configSecretKeys: string[];
    emit(event: ProgressEvent): void;
}

/**
 * The two gRPC services that a Pulumi program talks to, ResourceMonitor and Engine, in front of one deployment.
 * Listens on a free port of 127.0.0.1.
 */
export async function serveMonitor(
    deployment: Deployment,
    options: MonitorOptions,
): Promise<{ address: string; close(): void }> {
    const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
    server.addService(ResourceMonitorService, resourceMonitor(deployment, options));
    server.addService(EngineService, engine(options));
    const port = await new Promise<number>((resolve, reject) => {
        const credentials = ServerCredentials.createInsecure();
        server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
    });
    return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}

function resourceMonitor(deployment: Deployment, options: MonitorOptions): UntypedServiceImplementation {
    return {
        getDeploymentInfo: unary(async () => deploymentInfo(options)),
        supportsFeature: unary(async (request: SupportsFeatureRequest) => {
            const response = new SupportsFeatureResponse();
            response.setHassupport(request.getId() in FEATURES);
            return response;
        }),
        registerResource: unary(async (request: RegisterResourceRequest) => {
            const { urn, id, outputs } = await deployment.register(() => goalOf(request));
            const response = new RegisterResourceResponse();
            response.setUrn(urn);
            response.setId(id);
            response.setObject(Struct.fromJavaScript(outputs as Parameters<typeof Struct.fromJavaScript>[0]));
            return response;
        }),
        registerResourceOutputs: unary(async (request: RegisterResourceOutputsRequest) => {
            const outputs = (request.getOutputs()?.toJavaScript() ?? {}) as Props;
            await deployment.registerOutputs(request.getUrn(), outputs);
            return new Empty();
        }),
        // Deletes need no callbacks into the program here, so it need not stay for them.
        signalAndWaitForShutdown: unary(async () => new Empty()),
        invoke: refused((request) => `functions (${request.getTok()})`),
        call: refused((request) => `methods of resources (${request.getTok()})`),
        readResource: unary(async (request: ReadResourceRequest) => {
            const { urn, outputs } = await deployment.read(() => referenceOf(request));
            const response = new ReadResourceResponse();
            response.setUrn(urn);
            response.setProperties(Struct.fromJavaScript(outputs as Parameters<typeof Struct.fromJavaScript>[0]));
            return response;
        }),
        existsResource: refused((request) => `looking for what others made (${request.getType()})`),
        registerStackTransform: refused(() => "transforms"),
        registerStackInvokeTransform: refused(() => "transforms"),
        registerResourceHook: refused((request) => `hooks (${request.getName()})`),
        registerErrorHook: refused((request) => `hooks (${request.getName()})`),
        registerPackage: refused((request) => `parameterized packages (${request.getName()})`),
    };
}

function engine({ emit }: MonitorOptions): UntypedServiceImplementation {
    let root = "";
    return {
        log: unary(async (request: LogRequest) => {
            const severity = SEVERITIES[request.getSeverity()] ?? "info";
            const [urn, text] = [request.getUrn() || undefined, request.getMessage()];
            emit({ type: "message", urn, severity, text, ephemeral: request.getEphemeral() });
            return new Empty();
        }),
        getRootResource: unary(async () => {
            const response = new GetRootResourceResponse();
            response.setUrn(root);
            return response;
        }),
        setRootResource: unary(async (request: SetRootResourceRequest) => {
            root = request.getUrn();
            return new SetRootResourceResponse();
        }),
        startDebugging: refused(() => "a debugger"),
        // The stand-in has no Pulumi version of its own to compare.
        requirePulumiVersion: unary(async () => new RequirePulumiVersionResponse()),
    };
}

function deploymentInfo(options: MonitorOptions): DeploymentInfo {
    const info = new DeploymentInfo();
    info.setOrganization(options.organization);
    info.setProject(options.project);
    info.setStack(options.stack);
    info.setDryrun(options.preview);
    info.setParallel(options.parallel);
    info.setConfigsecretkeysList(options.configSecretKeys);
    for (const [key, value] of Object.entries(options.config)) {
        info.getConfigMap().set(key, value);
    }
    info.setSupportedfeaturesList(Object.values(FEATURES));
    return info;
}

/**
 * After a failed step the SDK is told UNAVAILABLE, on which it goes quietly, the failure having been reported already
 * (pulumi sdk/nodejs/runtime/resource.ts).
 */
function unary<Q, R>(answer: (request: Q) => Promise<R>): handleUnaryCall<Q, R> {
    return (call, done) => {
        answer(call.request).then(
            (response) => done(null, response),
            (error: Error) => {
                const code = error instanceof Stopped ? status.UNAVAILABLE : status.UNKNOWN;
                done({ code, details: error.message } as Partial<ServiceError>);
            },
        );
    };
}

/** What the request is for, in words. The requests differ; each has what its own line reads. */
function refused(what: (request: any) => string): handleUnaryCall<unknown, unknown> {
    return (call, done) => {
        done({ code: status.UNIMPLEMENTED, details: `the stand-in engine does not have ${what(call.request)}` });
    };
}
