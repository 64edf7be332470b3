import { packageVersion } from "@infinite-former/command-line";

/** Version of this package. */
export function benchmarksVersion(): string {
  return packageVersion(new URL("../package.json", import.meta.url));
}
