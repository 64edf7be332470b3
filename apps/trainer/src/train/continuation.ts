import { describeDifferences, type SettingDifference, UsageError } from "@infinite-former/command-line";
import { assertExactState, type CheckpointState, inexactState } from "@infinite-former/training/node";
import { differences, isLength } from "../config/difference.js";
import { baseConfig } from "../config/presets.js";
import { resolveConfig } from "../config/resolve.js";
import type { TrainerConfig } from "../config/schema.js";
import { settingsOf } from "../config/settings.js";
import { assertChangeable } from "./fixed-settings.js";

/** What a checkpoint was trained on, beside its settings: in its state's notes. */
export interface Origin {
  /** Of the whole text. */
  readonly dataSha256: string;
  /** Of what stands for the tokens, in the order of their ids. */
  readonly vocabularySha256: string;
}

/** How a run goes on. */
export interface Continuation {
  readonly config: TrainerConfig;
  readonly origin: Origin;
  /** `--allow-config-change`. */
  readonly allowChange: boolean;
}

/**
 * Checks that a run goes on from a checkpoint as the run that wrote it would
 * have: the settings, text and vocabulary are those that it was trained with
 * (`config.json` may have been edited since), and it has the random state and
 * data position of its step.
 *
 * @param path of the checkpoint.
 * @returns what differs, where that is allowed.
 * @throws {UsageError} `ERR_USAGE` with the difference, unless it is allowed and changes anything;
 *   {CheckpointError} `ERR_CHECKPOINT` naming the field that says something else.
 */
export function assertContinues(
  path: string,
  state: CheckpointState,
  { config, origin, allowChange }: Continuation,
): SettingDifference[] {
  const saved = resolveConfig(baseConfig, [settingsOf(state.config, path)]);
  assertExact(path, state, saved.training.seed);
  const changed = differences(saved, config).filter((difference) => !isLength(difference));
  assertChangeable(path, changed, true);
  for (const [field, before] of Object.entries(notedOrigin(state))) {
    const after = origin[field as keyof Origin];
    if (before !== after) changed.push({ path: field, before, after });
  }
  if (changed.length > 0 && !allowChange) {
    throw new UsageError(
      `${path}: was trained with another configuration:\n${describeDifferences(changed)}\n` +
        "  give these back their values (in config.json too), begin a new run, or give --allow-config-change",
    );
  }
  return changed;
}

function assertExact(path: string, state: CheckpointState, seed: number): void {
  assertExactState(path, state, { random: { seed, step: state.step } });
  const { epoch, step } = fieldsOf(state.data);
  if ([epoch, step].every((value) => Number.isSafeInteger(value) && (value as number) >= 0)) return;
  throw inexactState(path, `data must be {"epoch", "step"}, got ${JSON.stringify(state.data)}`);
}

function notedOrigin({ notes }: CheckpointState): Partial<Origin> {
  const { dataSha256, vocabularySha256 } = fieldsOf(notes);
  return {
    ...(typeof dataSha256 === "string" ? { dataSha256 } : {}),
    ...(typeof vocabularySha256 === "string" ? { vocabularySha256 } : {}),
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
