import { spawnSync } from "node:child_process";
import { wrong } from "../arguments.js";

/** A Python that has PyTorch. */
export interface PeerPython {
  readonly command: string;
  readonly torch: string;
}

/** What was found: a Python, or why there is none and what helps. */
export type PythonSearch = PeerPython | { readonly missing: string };

const variable = "INFINITE_FORMER_PEER_PYTHON";
const probe = "import sys, torch; sys.stdout.write(torch.__version__)";

/**
 * The Python that the peers run in: the one named, else the one that
 * `INFINITE_FORMER_PEER_PYTHON` names, else the first of `python3` and `python`
 * on the PATH that can `import torch`.
 *
 * @param named by `--peer-python`.
 * @throws Error with `ERR_USAGE` if the Python that was named cannot import torch.
 */
export function findPython(named: string | undefined, env: NodeJS.ProcessEnv = process.env): PythonSearch {
  const given = named ?? env[variable];
  if (given !== undefined && given !== "") {
    const torch = torchOf(given, env);
    if (torch !== null) return { command: given, torch };
    const option = named === undefined ? variable : "--peer-python";
    throw wrong(`${option}: must be a Python that can import torch, got ${given}`);
  }
  for (const command of ["python3", "python"]) {
    const torch = torchOf(command, env);
    if (torch !== null) return { command, torch };
  }
  return {
    missing:
      "no Python with PyTorch is found, so ours are measured alone: pip install torch transformers, or name one with --peer-python PATH",
  };
}

/** The version of torch that a Python has; `null` if it has none, or there is no such Python. */
function torchOf(command: string, env: NodeJS.ProcessEnv): string | null {
  const { status, stdout } = spawnSync(command, ["-c", probe], { encoding: "utf8", env, timeout: 120_000 });
  return status === 0 && stdout !== "" ? stdout : null;
}
