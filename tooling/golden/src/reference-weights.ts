import type { ContinuousAttentionParams } from "@infinite-former/attention";
import type { GateParams } from "@infinite-former/memory";
import type { LayerNormParams, LinearParams } from "@infinite-former/tensor";
import type { LayerParams } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import type { Fixture } from "./fixture.js";
import { FixtureError, tensor } from "./fixture.js";

/** Tensors by the names of a fixture, in the layouts of the authors' code. */
export type NamedTensors = Readonly<Record<string, tf.Tensor>>;

/** A tensor of the fixture on the backend. */
export function onBackend(fixture: Fixture, name: string): tf.Tensor {
  const { data, shape, integer } = tensor(fixture, name);
  return integer
    ? tf.tensor(Int32Array.from(data), [...shape], "int32")
    : tf.tensor(Float32Array.from(data), [...shape], "float32");
}

/** A named tensor. @throws {FixtureError} if it is missing. */
export function named(tensors: NamedTensors, name: string): tf.Tensor {
  const found = tensors[name];
  if (found === undefined) throw new FixtureError(`tensor ${name} is missing`);
  return found;
}

/** `nn.Linear`: weight `[out, in]` and perhaps a bias. */
export function referenceLinear(tensors: NamedTensors, name: string): LinearParams {
  const kernel = tf.transpose(named(tensors, `${name}.weight`)) as tf.Tensor2D;
  const bias = tensors[`${name}.bias`] as tf.Tensor1D | undefined;
  return bias === undefined ? { kernel } : { kernel, bias };
}

/** `nn.LayerNorm`. */
export function referenceLayerNorm(tensors: NamedTensors, name: string): LayerNormParams {
  return {
    gain: named(tensors, `${name}.weight`) as tf.Tensor1D,
    bias: named(tensors, `${name}.bias`) as tf.Tensor1D,
  };
}

/** `LongTermAttention`: the attention's part. */
export function referenceAttention(tensors: NamedTensors, prefix: string): ContinuousAttentionParams {
  const map = (name: string): tf.Tensor1D => tf.reshape(named(tensors, `${prefix}${name}.weight`), [-1]);
  const affine = `${prefix}mu.weight` in tensors;
  return {
    keys: referenceLinear(tensors, `${prefix}proj_key`),
    values: referenceLinear(tensors, `${prefix}proj_value`),
    output: referenceLinear(tensors, `${prefix}attn_out`),
    ...(affine ? { mean: map("mu"), variance: map("sigma") } : {}),
  };
}

/** `LongTermAttention`: its gate, a `nn.Conv1d` with weight `[out, in, 3]`. */
export function referenceGate(tensors: NamedTensors, prefix: string): GateParams {
  return {
    kernel: tf.transpose(named(tensors, `${prefix}mask_net.weight`), [2, 1, 0]) as tf.Tensor3D,
    bias: named(tensors, `${prefix}mask_net.bias`) as tf.Tensor1D,
  };
}

/** One decoder layer of the authors' Transformer-XL, with or without long-term attention. */
export function referenceLayer(tensors: NamedTensors, prefix: string): LayerParams {
  const attention = `${prefix}dec_attn.`;
  const joined = named(tensors, `${attention}qkv_net.weight`);
  const width = (joined.shape[0] as number) / 3;
  const longTerm = `${attention}long_term_attention.`;
  const hasLongTerm = `${longTerm}proj_key.weight` in tensors;
  const hasGate = `${longTerm}mask_net.weight` in tensors;
  return {
    attention: {
      queries: { kernel: tf.transpose(tf.slice(joined, [0, 0], [width, -1])) as tf.Tensor2D },
      keysAndValues: { kernel: tf.transpose(tf.slice(joined, [width, 0], [2 * width, -1])) as tf.Tensor2D },
      positions: referenceLinear(tensors, `${attention}r_net`),
      output: referenceLinear(tensors, `${attention}o_net`),
    },
    attentionNorm: referenceLayerNorm(tensors, `${attention}layer_norm`),
    feedForward: {
      inner: referenceLinear(tensors, `${prefix}pos_ff.CoreNet.0`),
      outer: referenceLinear(tensors, `${prefix}pos_ff.CoreNet.3`),
    },
    feedForwardNorm: referenceLayerNorm(tensors, `${prefix}pos_ff.layer_norm`),
    ...(hasLongTerm
      ? {
          longTerm: {
            attention: referenceAttention(tensors, longTerm),
            ...(hasGate ? { gate: referenceGate(tensors, longTerm) } : {}),
          },
        }
      : {}),
  };
}

/** Everything that a fixture feeds, on the backend. */
export function fedTensors(fixture: Fixture): Record<string, tf.Tensor> {
  const fed: Record<string, tf.Tensor> = {};
  for (const [name, { role }] of fixture.tensors)
    if (role !== "expected") fed[name] = onBackend(fixture, name);
  return fed;
}

/** Names of the tensors whose gradients a fixture expects as `grad.NAME`. */
export function differentiated(fixture: Fixture): string[] {
  return [...fixture.tensors.keys()].filter((name) => name.startsWith("grad.")).map((name) => name.slice(5));
}

/**
 * Value and gradients of a scalar function of named tensors, in the layouts of
 * the authors' code. Runs in the caller's `tf.tidy`.
 *
 * @param wanted names to differentiate by.
 */
export function valueAndGradients(
  inputs: NamedTensors,
  wanted: readonly string[],
  loss: (tensors: NamedTensors) => tf.Scalar,
): { readonly value: tf.Scalar; readonly gradients: Readonly<Record<string, tf.Tensor>> } {
  const at = wanted.map((name) => named(inputs, name));
  const run = (...tensors: tf.Tensor[]): tf.Scalar => {
    const replaced = { ...inputs };
    wanted.forEach((name, i) => {
      replaced[name] = tensors[i] as tf.Tensor;
    });
    return loss(replaced);
  };
  const { value, grads } = tf.valueAndGrads(run)(at);
  const gradients: Record<string, tf.Tensor> = {};
  wanted.forEach((name, i) => {
    const gradient = grads[i];
    if (gradient === undefined || gradient === null) throw new FixtureError(`${name} got no gradient`);
    gradients[name] = gradient;
  });
  return { value: value as tf.Scalar, gradients };
}
