import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments, stringify } from "yaml";
import { isStatus, type Kube, type KubeObject, refOf } from "../../kube";
import type { Lab } from "../../lab";
import { type RolesOptions, rolesOf } from "../../rights/roles";
import { type Subject, yamlOf } from "../../rights/yaml";
import { fileOf, Stack } from "./stack";

/** The namespace of the accounts that pipelines run with. */
const PIPELINES = "pipelines";

/** Kubeconfigs of accounts that have the roles of one environment, and no other rights. */
export type Accounts = Record<"previewer" | "deployer" | "verifier", string>;

/** Gives the roles of an environment to three ServiceAccounts: what `oc apply` makes of what `npm run roles` prints. */
export async function accountsOf(lab: Lab, kube: Kube, stack: string, options: RolesOptions = {}): Promise<Accounts> {
    const account = (of: string): Subject => ({
        kind: "ServiceAccount",
        name: `${stack}-${of}`,
        namespace: PIPELINES,
    });
    const [previewer, deployer, verifier] = ["previewer", "deployer", "verifier"].map(account);
    await apply(kube, { apiVersion: "v1", kind: "Namespace", metadata: { name: PIPELINES } });
    for (const { name } of [previewer, deployer, verifier]) {
        await apply(kube, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: PIPELINES } });
    }
    const text = yamlOf(await rolesOf(stack, { file: fileOf(stack), ...options }), {
        previewer: [previewer],
        deployer: [deployer],
        verifier: [verifier],
    });
    for (const document of parseAllDocuments(text)) {
        await apply(kube, document.toJS());
    }
    const kubeconfig = (one: Subject): Promise<string> => kubeconfigOf(lab, kube, one.name);
    return {
        previewer: await kubeconfig(previewer),
        deployer: await kubeconfig(deployer),
        verifier: await kubeconfig(verifier),
    };
}

/** One of the project's own stacks, previewed and deployed by those who have its roles and no other rights. */
export async function openAs(accounts: Accounts, stack: string): Promise<Stack> {
    const opened = await Stack.open({ kubeconfig: accounts.deployer }, stack, fileOf(stack));
    await opened.previewAs(accounts.previewer);
    return opened;
}

async function apply(kube: Kube, object: KubeObject): Promise<void> {
    try {
        await kube.create(object);
    } catch (error) {
        if (!isStatus(error, 409)) {
            throw error;
        }
        await kube.mergePatch(refOf(object), object);
    }
}

async function kubeconfigOf(lab: Lab, kube: Kube, account: string): Promise<string> {
    const path = `/api/v1/namespaces/${PIPELINES}/serviceaccounts/${account}/token`;
    const { status } = await kube.raw("POST", path, {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: { expirationSeconds: 7_200 },
    });
    const config = parse(readFileSync(lab.kubeconfig, "utf8"));
    config.users[0].user = { token: status.token };
    const file = join(lab.home, `kubeconfig-${account}`);
    writeFileSync(file, stringify(config), { mode: 0o600 });
    return file;
}
