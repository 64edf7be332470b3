import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  type ActiveBackend,
  duration,
  type Io,
  notice,
  startProgress,
  UsageError,
} from "@infinite-former/command-line";
import { cellFile, readRecallCell, writeRecallCell } from "./cell-files.js";
import type { RecallModelName } from "./model-names.js";
import { runRecallCell } from "./recall-cell.js";
import type { RecallConfig } from "./recall-config.js";

/** Cells to be computed, one after the other. */
export interface RecallRun {
  readonly io: Io;
  readonly models: readonly RecallModelName[];
  readonly seeds: readonly number[];
  /** The settings of each model. */
  readonly configOf: (model: RecallModelName) => RecallConfig;
  /** What these settings are called; `null` for the probe's own. */
  readonly variant: string | null;
  readonly directory: string;
  readonly backend: ActiveBackend;
  /** As typed, for the record. */
  readonly command: string;
  readonly signal: AbortSignal;
}

/**
 * Computes every cell that the folder does not hold yet. Stopped, it leaves
 * those that are finished; the same call goes on.
 *
 * @returns whether all are finished.
 * @throws {UsageError} `ERR_USAGE` where the folder holds one with other settings, before any is computed.
 */
export async function runRecall(run: RecallRun): Promise<boolean> {
  const { io, models, seeds, configOf, variant, directory, signal } = run;
  const cells = seeds.flatMap((seed) =>
    models.map((model) => ({ model, variant, seed, config: configOf(model) })),
  );
  const missing: typeof cells = [];
  for (const cell of cells) {
    const there = await readRecallCell(directory, cell);
    if (there === null) missing.push(cell);
    else if (!isDeepStrictEqual(there.config, JSON.parse(JSON.stringify(cell.config)))) {
      const file = join(directory, cellFile(cell));
      throw new UsageError(`${file}: was made with other settings; remove it, or give another --out`);
    }
  }
  for (const cell of missing) {
    const { steps } = cell.config.training;
    const name = `${cell.model}${variant === null ? "" : `.${variant}`}, seed ${cell.seed}`;
    const progress = startProgress(io, { label: name, unit: "steps", total: steps });
    const onStep = (step: number, remark: string): void => progress.update(step, remark);
    const { backend, command } = run;
    const finished = await runRecallCell({ ...cell, backend, command, signal, onStep }).finally(() => {
      progress.stop();
    });
    if (finished === null) {
      notice(io, `${name}: not finished; the same command goes on with it`);
      return false;
    }
    await writeRecallCell(directory, finished);
    const told = finished.scores.map(({ distance, accuracy }) => `${distance}: ${accuracy.toFixed(2)}`);
    notice(io, `${name}: ${told.join(", ")}; trained for ${duration(finished.seconds)}`);
  }
  return true;
}
