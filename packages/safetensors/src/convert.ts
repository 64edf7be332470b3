import type { SafetensorsTensor } from "./dtype.js";
import { bfloat16ToFloat32, float32ToBfloat16, float32ToHalf, halfToFloat32 } from "./half.js";
import { SafetensorsError } from "./safetensors-error.js";

/**
 * A tensor's elements as float32. F16 and BF16 are exact; F64 and integers are
 * rounded to the nearest.
 *
 * @returns the tensor's own array if it is F32, else a new one
 */
export function toFloat32(tensor: SafetensorsTensor): Float32Array {
  switch (tensor.dtype) {
    case "F32":
      return tensor.data;
    case "F16":
      return halfToFloat32(tensor.data);
    case "BF16":
      return bfloat16ToFloat32(tensor.data);
    case "I64":
    case "U64":
      return Float32Array.from(tensor.data as BigInt64Array, Number);
    default:
      return new Float32Array(tensor.data);
  }
}

/**
 * A tensor's elements as float64. Exact but for integers beyond 2⁵³, which are
 * rounded to the nearest.
 *
 * @returns the tensor's own array if it is F64, else a new one
 */
export function toFloat64(tensor: SafetensorsTensor): Float64Array {
  switch (tensor.dtype) {
    case "F64":
      return tensor.data;
    case "I64":
    case "U64":
      return Float64Array.from(tensor.data as BigInt64Array, Number);
    case "F16":
    case "BF16":
      return new Float64Array(toFloat32(tensor));
    default:
      return new Float64Array(tensor.data);
  }
}

/**
 * A tensor of half the size from float32, each element rounded to the nearest,
 * ties to even. F16 has 11 significant bits and ends at 65,504, beyond which
 * lies infinity; BF16 has 8 and the range of float32.
 *
 * @param values as many as the shape has; borrowed
 * @throws {SafetensorsError} `ERR_SAFETENSORS` for another dtype.
 */
export function fromFloat32(
  dtype: "F16" | "BF16",
  shape: readonly number[],
  values: Float32Array,
): SafetensorsTensor {
  if (dtype === "F16") return { dtype, shape, data: float32ToHalf(values) };
  if (dtype === "BF16") return { dtype, shape, data: float32ToBfloat16(values) };
  throw new SafetensorsError(`fromFloat32: dtype must be F16 or BF16, got ${String(dtype)}`);
}
