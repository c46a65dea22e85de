import { KindMissing, type KindRef, type Kube, type KubeObject, type Ref } from "../../../../kube";
import type { StandInContext } from "../../types";
import { DEFAULT_NAME, JAEGER, KIALI, MEMBER_OF, ROLL_KIND } from "../common/names";
import { meshUsers } from "../common/ownership";
import { apply, update } from "../common/write";
import { appliedSpec, isEnabled, isTraced, missingProfile, type Spec } from "./applied-spec";
import { cni, meshRoles } from "./charts/operator";
import { type Rendering, render } from "./components";
import { installIstioKinds } from "./istio-kinds";
import type { Release } from "./release";

/** A reconciliation that cannot go on: the condition's reason, what was being done, and why it failed. */
export class Stopped extends Error {
    constructor(
        readonly reason: string,
        readonly what: string,
        message: string,
    ) {
        super(message);
    }
}

/** From the beginning to the namespace's label, and what the CNI plugin takes (recorded: M1b). */
const BEFORE_LABEL_MS = 500;
const CNI_MS = 800;

/** Everything before the first component of a control plane is written. */
export class Preparation {
    private readonly kube: Kube;

    constructor(
        private readonly context: StandInContext,
        private readonly release: Release,
        private readonly cniEnabled: boolean,
    ) {
        this.kube = context.kube;
    }

    /** Errors: Stopped, when the spec cannot be rendered; the API server's refusals. */
    async of(smcp: KubeObject): Promise<{ applied: Spec; renderings: Rendering[][] }> {
        const { namespace = "", name } = smcp.metadata;
        const version: string = smcp.spec.version;
        const applied = await this.applied(smcp);
        await this.context.delay(BEFORE_LABEL_MS);
        const home: Ref = { apiVersion: "v1", kind: "Namespace", name: namespace };
        await update(this.kube, home, (object) => {
            if (object.metadata.labels?.[MEMBER_OF] === namespace) {
                return false;
            }
            object.metadata.labels = { ...object.metadata.labels, [MEMBER_OF]: namespace };
        });
        const charts = this.release.charts[version];
        const roll = await this.kube.get({ ...ROLL_KIND, namespace, name: DEFAULT_NAME });
        const members: string[] = roll?.status?.configuredMembers ?? [];
        const mesh = { namespace, name, applied, charts, members };
        await installIstioKinds(this.context, this.release.operator);
        for (const object of [...meshRoles(), ...(await this.missingCni(version, charts)), ...meshUsers(smcp)]) {
            await apply(this.kube, object);
        }
        return { applied, renderings: render(smcp, mesh, this.release.operator) };
    }

    /** The spec with its profiles; what only shows now is refused now (versions/strategy_v2_5.go: Render). */
    private async applied({ spec }: KubeObject): Promise<Spec> {
        const profile = missingProfile(spec);
        if (profile !== undefined) {
            const folder = `default-templates/${spec.version}`;
            const missing = (path: string) => `open .../${path}/${profile}: no such file or directory`;
            throw new Stopped(
                "ReconcileError",
                "Error rendering helm charts",
                "template cannot be loaded from user or default directory. " +
                    `Error from user: ${missing("templates")}. Error from default: ${missing(folder)}`,
            );
        }
        const applied = appliedSpec(spec, this.release);
        if (isTraced(applied)) {
            await this.need(JAEGER);
        }
        if (isEnabled(applied, "kiali")) {
            await this.need(KIALI);
            if (!isEnabled(applied, "prometheus") && applied.addons.kiali.name === "kiali") {
                const rule =
                    ".spec.addons.prometheus.enabled must be true when .spec.addons.kiali.enabled is true " +
                    "and spec.addons.kiali.name is not specified";
                throw new Stopped("ValidationError", "Spec is invalid", rule);
            }
        }
        return applied;
    }

    private async need(kind: KindRef): Promise<void> {
        try {
            await this.kube.list(kind);
        } catch (error) {
            if (!(error instanceof KindMissing)) {
                throw error;
            }
            const message = `no matches for kind "${kind.kind}" in version "${kind.apiVersion}"`;
            throw new Stopped("DependencyMissingError", `Dependency "${kind.kind} CRD" is missing`, message);
        }
    }

    private async missingCni(version: string, charts: string): Promise<KubeObject[]> {
        const objects = this.cniEnabled ? cni(version, charts, this.release.oldCniName) : [];
        const daemonSet = objects.find(({ kind }) => kind === "DaemonSet");
        if (!daemonSet || (await this.kube.get(asRef(daemonSet)))) {
            return [];
        }
        await this.context.delay(CNI_MS);
        return objects;
    }
}

function asRef({ apiVersion, kind, metadata }: KubeObject): Ref {
    return { apiVersion, kind, namespace: metadata.namespace, name: metadata.name };
}
