import { fit } from "./cases/fit.js";
import { matmul } from "./cases/matmul.js";
import { memoryCourse } from "./cases/memory-course.js";
import { memoryRecall } from "./cases/memory-recall.js";
import { memorySoak } from "./cases/memory-soak.js";
import { opOverhead } from "./cases/op-overhead.js";
import { safetensorsRead } from "./cases/safetensors-read.js";
import { compare } from "./compare.js";
import { comparisonResults } from "./comparison-results.js";
import type { Contender } from "./comparisons.js";
import type { BenchOptions, ResultName } from "./options.js";
import { findPython, type PythonSearch } from "./process/find-python.js";
import { createLauncher } from "./process/launcher.js";
import type { BenchmarkResult, Settings } from "./result.js";
import type { Plan, Planned } from "./select.js";

const ownCases: Readonly<Partial<Record<ResultName, (settings: Settings) => Promise<BenchmarkResult[]>>>> = {
  "op-overhead": opOverhead,
  "matmul-1024": matmul,
  "safetensors-read": safetensorsRead,
  fit,
  "memory-soak": memorySoak,
  "memory-course": memoryCourse,
  "memory-recall": memoryRecall,
};

/** What came of a run. */
export interface Measured {
  readonly results: readonly BenchmarkResult[];
  readonly versions: Readonly<Record<string, string>>;
  /** Messages of the cases that failed. */
  readonly failures: readonly string[];
}

/** Who is told how it goes. */
export interface Listener {
  readonly onResult: (result: BenchmarkResult) => void;
  readonly onNotice: (line: string) => void;
}

/**
 * Measures what is planned, case by case. A case that fails is told and left
 * out; the others are measured all the same.
 *
 * @throws Error with `ERR_USAGE` if the Python that was named has no torch.
 */
export async function runBenchmarks(
  plan: Plan,
  options: BenchOptions,
  backend: string,
  { onResult, onNotice }: Listener,
): Promise<Measured> {
  const results: BenchmarkResult[] = [];
  const failures: string[] = [];
  let versions: Record<string, string> = {};
  const attempt = async (measure: () => Promise<readonly BenchmarkResult[]>): Promise<void> => {
    try {
      const measured = (await measure()).filter(({ name }) => options.only.includes(name));
      results.push(...measured);
      for (const one of measured) onResult(one);
    } catch (error) {
      failures.push((error as Error).message);
      onNotice((error as Error).message);
    }
  };
  const python = pythonFor(plan, options, onNotice);
  const notices = new Set<string>();
  const onMissing = (line: string): void => {
    if (!notices.has(line)) onNotice(line);
    notices.add(line);
  };
  const { rounds, seed } = options;
  for (const name of plan.own) await attempt(async () => ownCases[name]?.({ backend, rounds, seed }) ?? []);
  for (const { comparison, isa, rounds: own } of plan.planned) {
    await attempt(async () => {
      const launcher = createLauncher({ isa, seed, python, onMissing });
      const timed = await compare(comparison, watchers(comparison), own, launcher);
      for (const { ready } of timed) versions = { ...versions, ...ready.versions };
      return comparisonResults(comparison, timed, isa);
    });
  }
  return { results, versions, failures };
}

/** Where work is counted, someone measures what matrix products reach at the same time. */
function watchers({ name, model, backend }: Planned["comparison"]): Contender[] {
  const counted = model === "infinite-former" || model === "transformer-xl";
  if (name !== "train-step" || !counted || backend !== "tensorflow") return [];
  return [{ label: "matmul", language: "node", options: { case: "matmul", backend } }];
}

function pythonFor(plan: Plan, { peerPython }: BenchOptions, onNotice: (line: string) => void): PythonSearch {
  const needed = plan.planned.some(
    ({ rounds, comparison }) => rounds > 0 && comparison.peers.some(({ language }) => language === "python"),
  );
  if (!needed && peerPython === undefined) return { missing: "nobody asks for it" };
  const found = findPython(peerPython);
  if ("missing" in found) onNotice(found.missing);
  return found;
}
