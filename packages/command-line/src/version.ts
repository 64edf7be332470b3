import { readFileSync } from "node:fs";

/**
 * Version of a package.
 *
 * @param manifest where its `package.json` lies, as `new URL("../package.json", import.meta.url)`.
 */
export function packageVersion(manifest: URL): string {
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}
