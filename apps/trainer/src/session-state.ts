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
import type { LanguageModelConfig } from "./language-model.js";
import { readTensors, type StateReader } from "./state-reader.js";

/**
 * The state of one stream from the tensors of a file, each under its path in
 * the state's tree. Every tensor must be there, fit the model and hold numbers
 * that a state can hold, and nothing else may be there.
 *
 * @param fault makes the error for what is wrong.
 * @returns a state of batch 1, owned by the caller.
 * @throws what `fault` makes, naming the tensor; no tensors are left behind.
 */
export function readState(
  file: SafetensorsFile,
  config: LanguageModelConfig,
  fault: (message: string) => UsageError,
): object {
  return readTensors(file, fault, (reader) =>
    "compressionRatio" in config
      ? compressiveSessionState(reader, config)
      : transformerSessionState(reader, config),
  );
}

function transformerSessionState(
  { read, rowsOf, isCount }: StateReader,
  config: TransformerConfig,
): TransformerState {
  const { layers, modelSize, segmentLength } = config;
  const recent = rowsOf("recent", layers, modelSize, recentCapacity(config));
  const current = rowsOf("current", layers, modelSize, segmentLength - 1);
  const rows = recent[0]?.shape[1] ?? 0;
  const filled = read<tf.Tensor1D>("filled", [1], (value) => isCount(value) && value <= rows);
  const longTerm = !hasLongTerm(config)
    ? []
    : Array.from({ length: layers }, (_, layer) => {
        const at = (name: string): string => `longTerm.${layer}.${name}`;
        const { basisCount, sampling, stickyBins } = config.longTerm;
        const memory = {
          coefficients: read<tf.Tensor3D>(at("coefficients"), [1, basisCount, modelSize]),
          segments: read<tf.Tensor1D>(at("segments"), [1], isCount),
        };
        if (sampling === "uniform") return memory;
        return {
          ...memory,
          attended: read<tf.Tensor2D>(at("attended"), [1, stickyBins], (mass) => mass >= 0),
        };
      });
  return { recent, current, filled, longTerm };
}
