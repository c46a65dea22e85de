import type { StandInContext } from "../types";
import { jaegerOperator } from "./jaeger";
import { consoleOperator, kialiOperator } from "./kiali";
import { addonOperator } from "./operator";
import { opentelemetryOperator } from "./opentelemetry";
import { tempoOperators } from "./tempo";

/**
 * The operators of Kiali, Jaeger, Tempo and OpenTelemetry, reduced to what the mesh's users see: the objects of each
 * resource, their Routes above all. They work while their own Deployments do.
 */
export async function standIn(context: StandInContext): Promise<void> {
    const of11 = context.settings().openshift === "4.5";
    const later = [consoleOperator(), ...tempoOperators(), opentelemetryOperator()];
    const operators = [kialiOperator(of11), jaegerOperator(), ...(of11 ? [] : later)];
    await Promise.all(operators.map((operator) => addonOperator(context, operator)));
}
