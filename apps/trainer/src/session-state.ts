import type { UsageError } from "@infinite-former/command-line";
import type { SafetensorsFile } from "@infinite-former/safetensors";
import {
  hasLongTerm,
  recentCapacity,
  type TransformerConfig,
  type TransformerState,
} from "@infinite-former/transformer";
import type * as tf from "@tensorflow/tfjs-core";
import { compressiveSessionState } from "./compressive-session-state.js";
import { gpt2SessionState } from "./gpt2-session-state.js";
import type { LanguageModelConfig } from "./language-model.js";
import { longTermState } from "./long-term-state.js";
import { readTensors, type StateReader } from "./state-reader.js";

/**
 * The state of one stream from the tensors of a file, each under its path in
 * the state's tree. Every tensor must be there, fit the model and hold numbers
 * that a state can hold, and nothing else may be there.
 *
 * @param fault makes the error for what is wrong.
 * @returns a state of batch 1, owned by the caller.
 * @throws what `fault` makes, naming every tensor at fault; no tensors are left behind.
 */
export function readState(
  file: SafetensorsFile,
  config: LanguageModelConfig,
  fault: (message: string) => UsageError,
): object {
  return readTensors(file, fault, (reader) => {
    if ("compressionRatio" in config) return compressiveSessionState(reader, config);
    if ("positions" in config) return gpt2SessionState(reader, config);
    return transformerSessionState(reader, config);
  });
}

function transformerSessionState(reader: StateReader, config: TransformerConfig): TransformerState {
  const { read, rowsOf, isCount } = reader;
  const { layers, modelSize, segmentLength } = config;
  const recent = rowsOf("recent", layers, modelSize, recentCapacity(config));
  const current = rowsOf("current", layers, modelSize, segmentLength - 1);
  const rows = recent[0]?.shape[1] ?? 0;
  const filled = read<tf.Tensor1D>("filled", [1], (value) => isCount(value) && value <= rows);
  const longTerm = hasLongTerm(config) ? longTermState(reader, config, layers) : [];
  return { recent, current, filled, longTerm };
}
