import { readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  type CommandCall,
  type CommonOptions,
  errorCode,
  notice,
  result,
  resultJson,
  systemReason,
  takeBackend,
  UsageError,
} from "@infinite-former/command-line";
import { tokenizerToJson, type Vocabulary } from "@infinite-former/datasets";
import { type Gpt2Model, memoryLayers } from "@infinite-former/gpt2";
import { saveGpt2 } from "@infinite-former/gpt2/node";
import { makeFolder } from "../run/writable-folder.js";
import { loadTrainedModel } from "../trained-model.js";

/** What `infinite-former export --json` prints. */
export interface ExportResult {
  readonly folder: string;
  readonly checkpoint: string;
  readonly files: readonly string[];
}

/** `infinite-former export RUN DIR`: a GPT-2 in Hugging Face layout, with its tokenizer. */
export async function exportCommand(
  { io }: CommandCall,
  run: string,
  target: string,
  options: CommonOptions,
): Promise<number> {
  const folder = resolve(io.cwd, target);
  await checkFree(folder);
  await takeBackend(io, options.backend);
  const trained = await loadTrainedModel(resolve(io.cwd, run), (line) => notice(io, line));
  try {
    const { model, vocabulary, checkpoint } = trained;
    if (trained.run.model.kind !== "gpt2") {
      throw new UsageError(
        `${run}: only a GPT-2 has a Hugging Face layout, got a model of the kind "${trained.run.model.kind}"; its weights are ${join(checkpoint, "model.safetensors")}`,
      );
    }
    const own = model as unknown as Gpt2Model;
    const files = ["config.json", "model.safetensors"];
    try {
      await makeFolder(folder);
      await saveGpt2(folder, own, { endOfText: endOfText(vocabulary) });
      if ("merged" in vocabulary) {
        await writeFile(join(folder, "tokenizer.json"), JSON.stringify(tokenizerToJson(vocabulary)));
        files.push("tokenizer.json");
      }
    } catch (error) {
      throw new UsageError(`${folder}: cannot be written: ${systemReason(error)}`, { cause: error });
    }
    if (!files.includes("tokenizer.json"))
      notice(io, "no tokenizer.json: the model's vocabulary is not of byte pairs, and stays with the run");
    if (memoryLayers(own.config).length > 0)
      notice(
        io,
        "transformers reads it without the memory, whose weights it passes over; loadGpt2 reads all",
      );
    const outcome: ExportResult = { folder, checkpoint, files };
    if (options.json === true) resultJson(io, outcome);
    else result(io, `${folder}: ${files.join(", ")}`);
    return 0;
  } finally {
    trained.dispose();
  }
}

/** GPT-2's token between texts, where a vocabulary has it. */
function endOfText(vocabulary: Vocabulary): number | null {
  const special = "special" in vocabulary ? vocabulary.special : [];
  return special.find(({ text }) => text === "<|endoftext|>")?.id ?? null;
}

/** @throws {UsageError} `ERR_USAGE` unless the folder is empty or not there. */
async function checkFree(folder: string): Promise<void> {
  try {
    if ((await readdir(folder)).length === 0) return;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    throw new UsageError(`${folder}: cannot be written: ${systemReason(error)}`);
  }
  throw new UsageError(`${folder}: is not empty; give another folder`);
}
