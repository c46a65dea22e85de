import { z } from "zod";

export const olmSettings = z.strictObject({}).prefault({});
