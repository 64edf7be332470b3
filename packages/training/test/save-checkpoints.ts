/**
 * Saves checkpoints and prints each step that is saved. A test bundles this
 * file, runs it, and kills it.
 *
 * Arguments: directory, first step, bytes of a model file, `advance` or
 * `replace`, the file operation before which it kills itself (0: none), and
 * how many it saves (0: without end).
 */

import { writeCheckpointFiles } from "../src/checkpoint-files.js";
import { cleanLeftovers, findNewestCheckpoint, pruneCheckpoints } from "../src/node.js";
import { killAt } from "./kill-at.js";

const [directory, first, size, mode, operation, saves] = process.argv.slice(2) as [string, ...string[]];
if (Number(operation) > 0) killAt(Number(operation));
await cleanLeftovers(directory);
const advance = mode === "advance" ? 1 : 0;
for (let step = Number(first), round = 0; round !== (Number(saves) || -1); step += advance, round++) {
  const file = new Uint8Array(Number(size)).fill((step + round) % 251);
  try {
    await writeCheckpointFiles(
      directory,
      new Map([
        ["model.safetensors", file],
        ["optimizer.safetensors", file],
      ]),
      { step, tokens: step, seconds: round, random: [round], data: { epoch: 0, step }, config: {} },
    );
  } catch (error) {
    const { newest } = await findNewestCheckpoint(directory);
    process.stdout.write(`${JSON.stringify({ message: (error as Error).message, newest: newest?.step })}\n`);
    process.exit(1);
  }
  process.stdout.write(`${step}\n`);
  await pruneCheckpoints(directory, { keep: 2 });
}
