import { loadConfig } from "../../../config/load";
import { readStackFile } from "../../../config/stack-file";
import { filesOf, type RenderedFiles } from "../../../render/files";
import { renderConfig } from "../../../render/render";

/** A stack file's rendering, after an edit of its keys. */
export async function rendered(stack: string, edit: (keys: any) => void = () => {}): Promise<RenderedFiles> {
    const keys = Object.fromEntries(
        Object.entries(readStackFile(`Pulumi.${stack}.yaml`)).map(([key, text]) => [
            key,
            /^[{[]/.test(text) ? JSON.parse(text) : text,
        ]),
    );
    edit(keys);
    const flat = Object.entries(keys).map(([k, v]) => [k, typeof v === "string" ? v : JSON.stringify(v)]);
    return filesOf(await renderConfig(stack, loadConfig(Object.fromEntries(flat))));
}
