import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Launcher } from "../compare.js";
import type { Contender } from "../comparisons.js";
import { folder } from "../folder.js";
import type { Isa } from "../result.js";
import { ContenderError } from "./contender-error.js";
import { ContenderProcess } from "./contender-process.js";
import type { PythonSearch } from "./find-python.js";

/** With this exit code a peer says that a Python package is missing. */
const missingPackage = 3;

const ourProgram = fileURLToPath(new URL("contender.js", folder));
const peerProgram = fileURLToPath(new URL("pytorch/peer.py", folder));

/** What all contenders of a run share. */
export interface LauncherOptions {
  readonly isa: Isa;
  readonly seed: number;
  readonly python: PythonSearch;
  /** Told, once, what a missing peer takes. */
  readonly onMissing: (line: string) => void;
}

/** Starts contenders as child processes: ours in this Node, peers in Python. */
export function createLauncher({ isa, seed, python, onMissing }: LauncherOptions): Launcher {
  return {
    async start(contender, who) {
      const command = commandOf(contender, seed, python);
      if (command === null) return null;
      try {
        return await ContenderProcess.start({ ...command, who, env: environment(isa) });
      } catch (error) {
        const missing = error instanceof ContenderError && error.exitCode === missingPackage;
        if (!missing || contender.language !== "python") throw error;
        onMissing(`${who} is left out: a Python package is missing: pip install torch transformers`);
        return null;
      }
    },
  };
}

function commandOf(
  { language, options }: Contender,
  seed: number,
  python: PythonSearch,
): { readonly command: string; readonly args: string[] } | null {
  const own = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const args = [...own, "--seed", String(seed)];
  if (language === "node") return { command: process.execPath, args: [ourProgram, ...args] };
  if ("missing" in python) return null;
  return {
    command: python.command,
    args: [peerProgram, ...args, "--threads", String(availableParallelism())],
  };
}

/** The environment in which an instruction set is what its name says. */
function environment(isa: Isa): NodeJS.ProcessEnv {
  const { ONEDNN_MAX_CPU_ISA: _, ...rest } = process.env;
  const quiet = { TF_CPP_MIN_LOG_LEVEL: "2", ...rest };
  return isa === "avx2" ? { ...quiet, ONEDNN_MAX_CPU_ISA: "AVX2" } : quiet;
}
