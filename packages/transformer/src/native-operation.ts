import { isNative } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** The part of the native backend that runs any TensorFlow operation by its name. */
interface NativeBackend {
  readonly binding: Readonly<Record<string, number>>;
  executeSingleOutput(
    name: string,
    attributes: readonly object[],
    inputs: readonly tf.TensorInfo[],
  ): tf.Tensor;
}

/**
 * Runs a TensorFlow operation that TensorFlow.js has no kernel for.
 *
 * @param flags boolean attributes; types are those of the inputs.
 * @returns its one output, owned by the caller, without a gradient; `null` on every other backend.
 */
export function nativeOperation(
  name: string,
  inputs: readonly tf.Tensor[],
  flags: Readonly<Record<string, boolean>> = {},
): tf.Tensor | null {
  if (!isNative()) return null;
  const native = tf.backend() as unknown as NativeBackend;
  const { TF_ATTR_BOOL, TF_ATTR_TYPE, TF_FLOAT } = native.binding;
  const attributes = [
    { name: "T", type: TF_ATTR_TYPE, value: TF_FLOAT },
    ...Object.entries(flags).map(([flag, value]) => ({ name: flag, type: TF_ATTR_BOOL, value })),
  ];
  return native.executeSingleOutput(name, attributes, inputs);
}
