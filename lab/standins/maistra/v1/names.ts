import { MAISTRA_API } from "../common/names";

export const OPERATOR_VERSION = "1.1.7";
export const CONTROL_PLANE_KIND = { apiVersion: MAISTRA_API, kind: "ServiceMeshControlPlane" };
