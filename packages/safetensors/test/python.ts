import { spawnSync } from "node:child_process";

/** A Python with the packages named, or why there is none. */
export type Found = { readonly command: string } | { readonly missing: string };

/**
 * The Python of `INFINITE_FORMER_PEER_PYTHON`, else `python3` of the PATH, if
 * it has what is needed.
 */
export function findPython(modules: readonly string[]): Found {
  const named = process.env["INFINITE_FORMER_PEER_PYTHON"];
  const command = named === undefined || named === "" ? "python3" : named;
  // Found, not imported: torch takes seconds.
  const probe = "import sys, importlib.util as u; sys.exit(not all(map(u.find_spec, sys.argv[1:])))";
  const { status } = spawnSync(command, ["-c", probe, ...modules], { timeout: 60_000 });
  if (status === 0) return { command };
  return {
    missing: `no Python with ${modules.join(" and ")}: pip install ${modules.join(" ")}, and name it by INFINITE_FORMER_PEER_PYTHON`,
  };
}

/** Runs a script and parses what it prints as JSON. */
export function runPython(command: string, script: string, args: readonly string[]): unknown {
  const { status, stdout, stderr } = spawnSync(command, ["-c", script, ...args], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    timeout: 300_000,
  });
  if (status !== 0) throw new Error(`python failed: ${stderr}`);
  return JSON.parse(stdout);
}
