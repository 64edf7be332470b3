import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import {
  describeDifferences,
  type SettingDifference,
  settingDifferences,
  UsageError,
} from "@infinite-former/command-line";
import { settingValue } from "../config/resolve.js";
import type { TrainerConfig } from "../config/schema.js";
import type { ModelSource, SourceWeights, StartedFrom } from "../source/model-source.js";
import { openSource } from "../source/open-source.js";
import type { PreparedRun } from "./prepare.js";

/**
 * The weights that a run without a checkpoint begins with. One that was begun
 * already, and is resumed, gets those that it had: `config.json` keeps what
 * tells them.
 *
 * @param say is told of checkpoints that were passed over, and where nothing was kept.
 * @returns `null` where they are drawn.
 * @throws {UsageError} `ERR_USAGE` with what is not as it was.
 */
export async function startingWeights(
  { source, config, resumed, allowChange }: PreparedRun,
  say: (line: string) => void,
): Promise<SourceWeights | null> {
  if (source !== null) return source.weights(say);
  const { from } = config.model;
  if (from === null || resumed === null) return null;
  const { startedFrom } = resumed.config;
  const another = allowChange && from !== resumed.config.model.from;
  const kept = another ? undefined : startedFrom;
  const found = await openSource(placeOf(from, kept));
  const { startedFrom: now, load } = await withStructure(found, config).weights(say);
  if (kept !== undefined) assertSame(from, settingDifferences(kept.files, now.files));
  else if (!another)
    say(
      `model.from: ${from}: is taken as it is now: config.json does not keep what it was when the run began`,
    );
  return { startedFrom: { ...now, path: from }, load };
}

/** The folder to open: of a run that has gone on since, the checkpoint that was taken. */
function placeOf(from: string, kept: StartedFrom | undefined): string {
  const name = `step-${kept?.step}`;
  if (kept?.step === undefined || basename(from) === name) return from;
  const checkpoint = join(from, "checkpoints", name);
  if (!existsSync(from) || existsSync(checkpoint)) return checkpoint;
  throw new UsageError(
    `model.from: ${from}: the run began with its checkpoint ${name}, which is there no more, and has none of its own yet;\n  ${remedy}`,
  );
}

function withStructure(source: ModelSource, config: TrainerConfig): ModelSource {
  const changed = Object.entries(source.structure).flatMap(([field, after]) => {
    const path = `model.${field}`;
    const before = settingValue(config, path);
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
  });
  assertSame(config.model.from as string, changed);
  return source;
}

/** @throws {UsageError} `ERR_USAGE` listing what differs, if anything does. */
function assertSame(from: string, changed: readonly SettingDifference[]): void {
  if (changed.length === 0) return;
  throw new UsageError(
    `model.from: ${from}: is not what the run began with, which has no checkpoint yet:\n${describeDifferences(changed)}\n  ${remedy}`,
  );
}

const remedy = "give the old model back, or begin a new run";
