import type { CompressionParams } from "@infinite-former/memory";
import type {
  CompressiveAttentionParams,
  CompressiveLayerParams,
  CompressiveTransformerParams,
  GatedResidualParams,
} from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import type { NamedTensors } from "./reference-weights.js";
import { named, referenceLayerNorm, referenceLinear } from "./reference-weights.js";

/** lucidrains' `SelfAttention`: the attention's part. */
export function compressiveAttentionWeights(
  tensors: NamedTensors,
  prefix: string,
): CompressiveAttentionParams {
  return {
    queries: referenceLinear(tensors, `${prefix}to_q`),
    keysAndValues: referenceLinear(tensors, `${prefix}to_kv`),
    output: referenceLinear(tensors, `${prefix}to_out`),
  };
}

/** lucidrains' `ConvCompress`, a `nn.Conv1d` with weight `[out, in, ratio]`. */
export function compressionWeights(tensors: NamedTensors, prefix: string): CompressionParams {
  const name = `${prefix}compress_mem_fn.conv`;
  return {
    kernel: tf.transpose(named(tensors, `${name}.weight`), [2, 1, 0]) as tf.Tensor3D,
    bias: named(tensors, `${name}.bias`) as tf.Tensor1D,
  };
}

/** `nn.GRUCell`; its rows are in the order reset, update, new. */
function gateWeights(tensors: NamedTensors, prefix: string): GatedResidualParams {
  const half = (name: string): GatedResidualParams["input"] => ({
    kernel: tf.transpose(named(tensors, `${prefix}gru.weight_${name}`)) as tf.Tensor2D,
    bias: named(tensors, `${prefix}gru.bias_${name}`) as tf.Tensor1D,
  });
  return { input: half("ih"), hidden: half("hh") };
}

function layerWeights(tensors: NamedTensors, index: number, compresses: boolean): CompressiveLayerParams {
  const [attention, inner] = [`w.attn_layers.${index}.`, `w.ff_layers.${index}.`];
  const gated = `${attention}gru.weight_ih` in tensors;
  return {
    attentionNorm: referenceLayerNorm(tensors, `${attention}fn.norm`),
    attention: compressiveAttentionWeights(tensors, `${attention}fn.fn.`),
    ...(gated ? { attentionGate: gateWeights(tensors, attention) } : {}),
    feedForwardNorm: referenceLayerNorm(tensors, `${inner}fn.norm`),
    feedForward: {
      inner: referenceLinear(tensors, `${inner}fn.fn.w1`),
      outer: referenceLinear(tensors, `${inner}fn.fn.w2`),
    },
    ...(gated ? { feedForwardGate: gateWeights(tensors, inner) } : {}),
    ...(compresses ? { compression: compressionWeights(tensors, `${attention}fn.fn.`) } : {}),
  };
}

/**
 * lucidrains' `CompressiveTransformer`.
 *
 * @param compressing layers that have a compressed memory.
 */
export function compressiveTransformerWeights(
  tensors: NamedTensors,
  layers: number,
  compressing: readonly number[],
): CompressiveTransformerParams {
  return {
    embedding: named(tensors, "w.token_emb.weight") as tf.Tensor2D,
    positions: named(tensors, "w.pos_emb") as tf.Tensor3D,
    layers: Array.from({ length: layers }, (_, index) =>
      layerWeights(tensors, index, compressing.includes(index)),
    ),
    output: referenceLinear(tensors, "w.to_logits.1"),
  };
}

/** The same loss as a function of more tensors, whose gradients are 0 where it does not depend on them. */
export function dependingOn(loss: tf.Scalar, tensors: readonly tf.Tensor[]): tf.Scalar {
  return tf.addN([loss, ...tensors.map((tensor) => tf.mul(0, tf.sum(tensor)))]) as tf.Scalar;
}
