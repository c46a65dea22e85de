import type { KindRef } from "../../kube";

const kind = (apiVersion: string, name: string): KindRef => ({ apiVersion, kind: name });

export const NAMESPACE = kind("v1", "Namespace");
export const POD = kind("v1", "Pod");
export const SERVICE = kind("v1", "Service");
export const SECRET = kind("v1", "Secret");
export const CONFIG_MAP = kind("v1", "ConfigMap");
export const EVENT = kind("v1", "Event");
export const DEPLOYMENT = kind("apps/v1", "Deployment");
export const DEPLOYMENT_CONFIG = kind("apps.openshift.io/v1", "DeploymentConfig");
export const ROUTE = kind("route.openshift.io/v1", "Route");
export const LISTENER = kind("triggers.tekton.dev/v1alpha1", "EventListener");
export const SUBSCRIPTION = kind("operators.coreos.com/v1alpha1", "Subscription");
export const CSV = kind("operators.coreos.com/v1alpha1", "ClusterServiceVersion");
export const PLAN = kind("operators.coreos.com/v1alpha1", "InstallPlan");
export const GROUP = kind("operators.coreos.com/v1", "OperatorGroup");
export const CONTROL_PLANE = kind("maistra.io/v1", "ServiceMeshControlPlane");
export const ROLL = kind("maistra.io/v1", "ServiceMeshMemberRoll");
export const MEMBER = kind("maistra.io/v1", "ServiceMeshMember");
export const GATEWAY = kind("networking.istio.io/v1alpha3", "Gateway");
export const VIRTUAL_SERVICE = kind("networking.istio.io/v1alpha3", "VirtualService");
export const DESTINATION_RULE = kind("networking.istio.io/v1alpha3", "DestinationRule");
export const AUTHORIZATION = kind("security.istio.io/v1beta1", "AuthorizationPolicy");
export const MESH_POLICY = kind("authentication.maistra.io/v1", "ServiceMeshPolicy");
export const ISTIO = kind("sailoperator.io/v1", "Istio");
