import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { publishedPackages, root } from "./workspace.js";

/** What code may do beyond computing and files, and how that looks in a source. */
const kinds: Readonly<Record<string, RegExp>> = {
  "runs text as code": /\beval\s*\(|\bnew\s+Function\b|["'](?:node:)?vm["']/,
  "starts programs": /["'](?:node:)?(?:child_process|cluster)["']/,
  "starts workers": /["'](?:node:)?worker_threads["']|\bnew\s+(?:Shared)?Worker\s*\(/,
  "loads a module by a computed name": /\bimport\(\s*(?!["'\s])|\bcreateRequire\b|\bdlopen\b/,
  "uses the network":
    /["'](?:node:)?(?:http|https|http2|net|tls|dgram|dns)["']|\bfetch\s*\(|globalThis[^;\n]*\.fetch\b|\bXMLHttpRequest\b|\bWebSocket\b|\bEventSource\b|\bsendBeacon\b/,
};

/** `file: kind` for every published source that does one of these, in order. */
export function reaches(): string[] {
  return publishedPackages()
    .flatMap(({ path }) => ["src", "bin"].flatMap((part) => sources(join(path, part))))
    .flatMap((file) =>
      reachesOf(readFileSync(file, "utf8")).map((kind) => `${relative(root, file)}: ${kind}`),
    )
    .sort();
}

/** The kinds that a source has. */
export function reachesOf(source: string): string[] {
  const code = source.replace(/\/\*.*?\*\//gs, "").replace(/(^|\s)\/\/.*$/gm, "");
  return Object.entries(kinds).flatMap(([kind, pattern]) => (pattern.test(code) ? [kind] : []));
}

function sources(folder: string): string[] {
  let entries: string[];
  try {
    entries = readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch {
    return []; // no such part
  }
  return entries
    .filter((name) => /\.[jt]s$/.test(name) && !name.endsWith(".test.ts"))
    .map((name) => join(folder, name));
}
