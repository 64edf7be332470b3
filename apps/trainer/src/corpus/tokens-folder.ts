import { homedir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";

/** Where tokens of large corpora are kept: `$XDG_CACHE_HOME` or `~/.cache`, in `infinite-former/tokens`. */
export function tokensFolder(): string {
  return join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "infinite-former", "tokens");
}
