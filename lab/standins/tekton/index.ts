import type { StandInContext } from "../types";

export async function standIn(context: StandInContext): Promise<void> {
    context.log("nothing yet");
}
