import { type Routes, serve } from "./service";
import { readSettings, type Settings, SettingsError } from "./settings";

/**
 * Runs a service as a process: settings from the environment, until SIGTERM or SIGINT, then it ends in order with exit
 * code 0. What keeps it from starting is one line and exit code 1.
 */
export async function run(name: string, routesOf: (settings: Settings) => Routes): Promise<void> {
    const log = (line: string): void => console.log(`${new Date().toISOString()} ${line}`);
    try {
        const settings = readSettings(process.env);
        const service = await serve(routesOf(settings), settings, log);
        log(`${name} listens on ${service.address}:${service.port}`);
        const stop = (signal: NodeJS.Signals): void => {
            log(`${name} stops: ${signal}`);
            void service.stop().then(() => process.exit(0));
        };
        process.once("SIGTERM", stop).once("SIGINT", stop);
    } catch (error) {
        if (!(error instanceof SettingsError) && (error as NodeJS.ErrnoException).code === undefined) {
            throw error;
        }
        console.error(`${name} cannot start: ${(error as Error).message}`);
        process.exitCode = 1;
    }
}
