export { AccessPolicies } from "./access-policies";
export { type Context, everyOne, type Held, held, type Ready } from "./context";
export { ControlPlane } from "./control-plane";
export { ExposedListeners } from "./exposed-listeners";
export { Ingress } from "./ingress";
export { Membership } from "./membership";
export { MeshedService } from "./meshed-service";
export { Operator } from "./operator";
export { runError } from "./run-error";
