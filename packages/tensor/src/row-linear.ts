import * as tf from "@tensorflow/tfjs-core";
import { activationKinds, type FusedActivation } from "./activate.js";
import { hasKernel } from "./backend.js";
import { geluErf, geluTanh } from "./gelu.js";
import type { LinearParams } from "./linear.js";
import { assertShape } from "./shape.js";

/** What else `rowLinear` does on the way. */
export interface RowLinearOptions {
  /** After the bias; identity by default. */
  readonly activation?: FusedActivation;
  /** `[rows, outputs]`, added last. */
  readonly residual?: tf.Tensor2D;
  /** Whether the kernel is `[outputs, inputs]`. */
  readonly transposed?: boolean;
}

const fused = "InfiniteFormerRowLinear";

/** Rows that the kernel takes; as kRowLinearRows in native/kernels/table.h of the package tensorflow. */
const most = 16;

const functions: Readonly<Record<FusedActivation, (x: tf.Tensor2D) => tf.Tensor2D>> = {
  identity: (x) => x,
  relu: tf.relu,
  "gelu-tanh": geluTanh,
  "gelu-erf": geluErf,
};

/**
 * `activation(x · kernel + bias) + residual` of few rows, as a step of
 * generation needs it. On native TensorFlow's processor backend up to 16 rows
 * are one kernel, which reads the matrix once for all of them; elsewhere
 * composed.
 *
 * @param params `kernel` `[inputs, outputs]`, or `[outputs, inputs]` with `transposed`; `bias` `[outputs]`, if any.
 * @param x `[rows, inputs]`.
 * @returns `[rows, outputs]`, owned by the caller. There is no gradient.
 * @throws {ShapeError} `ERR_SHAPE` if a shape does not fit.
 */
export function rowLinear(
  { kernel, bias }: LinearParams,
  x: tf.Tensor2D,
  { activation = "identity", residual, transposed = false }: RowLinearOptions = {},
): tf.Tensor2D {
  const { rows, inputs } = assertShape("rowLinear", "x", x, "[rows, inputs]");
  const layout = transposed ? "[outputs, inputs]" : "[inputs, outputs]";
  const { outputs } = assertShape("rowLinear", "kernel", kernel, layout, { inputs });
  if (bias) assertShape("rowLinear", "bias", bias, "[outputs]", { outputs });
  if (residual) assertShape("rowLinear", "residual", residual, "[rows, outputs]", { rows, outputs });
  if (rows <= most && hasKernel(fused)) {
    const given = { x, kernel, ...(bias ? { bias } : {}), ...(residual ? { residual } : {}) };
    const attributes = { kind: activationKinds[activation], transposed: Number(transposed) };
    const [y] = tf.engine().runKernel(fused, given, attributes) as unknown as [tf.Tensor2D];
    return y;
  }
  return tf.tidy(() => {
    const product: tf.Tensor2D = tf.matMul(x, kernel, false, transposed);
    const active = functions[activation](bias ? tf.add(product, bias) : product);
    return residual ? tf.add(active, residual) : active;
  });
}
