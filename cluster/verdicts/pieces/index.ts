import { kiali, openTelemetryCollector, ossmConsole, tempo } from "./consoles";
import { serviceMeshControlPlane } from "./control-plane";
import { apiGateway, httpRoute } from "./gateway-api";
import type { PieceJudge, PieceRef } from "./piece";
import { istio, istioCni, istioRevisionTag } from "./sail";
import { deployment } from "./workloads";

export * from "./piece";

/** The kinds that are done some time after they are written, as "group/Kind". All others are done at once. */
const JUDGES: Record<string, PieceJudge> = {
    "apps/Deployment": deployment,
    "gateway.networking.k8s.io/Gateway": apiGateway,
    "gateway.networking.k8s.io/HTTPRoute": httpRoute,
    "kiali.io/Kiali": kiali,
    "kiali.io/OSSMConsole": ossmConsole,
    "maistra.io/ServiceMeshControlPlane": serviceMeshControlPlane,
    "opentelemetry.io/OpenTelemetryCollector": openTelemetryCollector,
    "sailoperator.io/Istio": istio,
    "sailoperator.io/IstioCNI": istioCni,
    "sailoperator.io/IstioRevisionTag": istioRevisionTag,
    "tempo.grafana.com/TempoMonolithic": tempo,
    "tempo.grafana.com/TempoStack": tempo,
};

export function pieceJudge({ apiVersion, kind }: Pick<PieceRef, "apiVersion" | "kind">): PieceJudge | undefined {
    return JUDGES[`${apiVersion.split("/")[0]}/${kind}`];
}
