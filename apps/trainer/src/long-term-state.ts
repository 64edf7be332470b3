import type { LongTermMemory } from "@infinite-former/memory";
import type { LongTermConfig } from "@infinite-former/transformer";
import type * as tf from "@tensorflow/tfjs-core";
import type { StateReader } from "./state-reader.js";

/** The long-term memories of one stream, from a file's tensors. */
export function longTermState(
  { read, isCount }: StateReader,
  { modelSize, longTerm }: { readonly modelSize: number; readonly longTerm: LongTermConfig },
  count: number,
): LongTermMemory[] {
  const { basisCount, sampling, stickyBins } = longTerm;
  return Array.from({ length: count }, (_, slot) => {
    const at = (name: string): string => `longTerm.${slot}.${name}`;
    const memory = {
      coefficients: read<tf.Tensor3D>(at("coefficients"), [1, basisCount, modelSize]),
      segments: read<tf.Tensor1D>(at("segments"), [1], isCount),
    };
    if (sampling === "uniform") return memory;
    return { ...memory, attended: read<tf.Tensor2D>(at("attended"), [1, stickyBins], (mass) => mass >= 0) };
  });
}
