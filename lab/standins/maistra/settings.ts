import { z } from "zod";

export const maistraSettings = z.strictObject({}).prefault({});
