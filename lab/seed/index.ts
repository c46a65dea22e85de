import type { Kube } from "../../kube";
import type { Settings } from "../settings";

export async function seed(_kube: Kube, _settings: Settings): Promise<void> {}
