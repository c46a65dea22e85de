// Pulumi's host for policy packs loads JavaScript; from here on tsx takes TypeScript as it is.
require("tsx/cjs");
require("./pack").serve();
