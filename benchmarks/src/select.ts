import { wrong } from "./arguments.js";
import { type Comparison, comparisons } from "./comparisons.js";
import type { BenchOptions, ResultName } from "./options.js";
import type { Isa } from "./result.js";

/** A comparison on one instruction set. */
export interface Planned {
  readonly comparison: Comparison;
  readonly isa: Isa;
  /** 0: the first step alone. */
  readonly rounds: number;
}

/** What one run measures. */
export interface Plan {
  /** Cases of this process. */
  readonly own: readonly ResultName[];
  readonly planned: readonly Planned[];
}

const ownCases: readonly ResultName[] = [
  "op-overhead",
  "matmul-1024",
  "safetensors-read",
  "fit",
  "memory-soak",
  "memory-course",
  "memory-recall",
];

/**
 * What is measured, from what is asked for.
 *
 * @param backend of ours, as it was found.
 * @param wide whether the machine has more than AVX2; without it the second instruction set is the first.
 * @throws Error with `ERR_USAGE` if nothing fits.
 */
export function selectCases(options: BenchOptions, backend: string, wide: boolean): Plan {
  const { only, models, sizes, isas, rounds } = options;
  const filtered = models !== null || sizes !== null;
  const own = filtered ? [] : ownCases.filter((name) => only.includes(name));
  const planned = comparisons(backend).flatMap((comparison): Planned[] => {
    const { name, model, size, roundShare } = comparison;
    const firstOnly = name === "train-step" && only.includes("first-step") && !only.includes("train-step");
    if (!only.includes(name) && !firstOnly) return [];
    if (models !== null && !models.includes(model)) return [];
    if (sizes !== null && !sizes.includes(size)) return [];
    // Without graphs and native kernels a large model takes minutes: only by name.
    if (backend !== "tensorflow" && model !== "char" && name !== "memory-update" && models === null)
      return [];
    const wanted = isas ?? comparison.isas.filter((isa) => isa === "native" || wide);
    return wanted.map((isa) => ({
      comparison,
      isa,
      rounds: firstOnly ? 0 : Math.max(1, Math.round(rounds * roundShare * (isa === "native" ? 1 : 0.5))),
    }));
  });
  if (own.length === 0 && planned.length === 0) {
    throw wrong("--only, --model and --size: together they leave nothing to measure");
  }
  return { own, planned };
}
