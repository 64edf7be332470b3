import type * as tf from "@tensorflow/tfjs-core";

/** A random tensor: numbers in [low, high), whole for int32, a fair coin for bool. */
export interface InputSpec {
  readonly shape: readonly number[];
  readonly dtype?: "float32" | "int32" | "bool";
  readonly low?: number;
  readonly high?: number;
}

/** One use of kernels; `gradient` lists the inputs to differentiate by, default every float32 one. */
export interface KernelCase {
  readonly name: string;
  readonly inputs: readonly InputSpec[];
  readonly run: (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
  readonly gradient?: readonly number[];
}

export const f = (...shape: number[]): InputSpec => ({ shape });
export const positive = (...shape: number[]): InputSpec => ({ shape, low: 0.2, high: 3 });
export const unit = (...shape: number[]): InputSpec => ({ shape, low: -0.9, high: 0.9 });
export const int = (high: number, ...shape: number[]): InputSpec => ({ shape, dtype: "int32", low: 0, high });
export const bool = (...shape: number[]): InputSpec => ({ shape, dtype: "bool" });
export const none: readonly number[] = [];

type Unary = (x: tf.Tensor) => tf.Tensor;
export const unary = (
  fns: Readonly<Record<string, Unary>>,
  input: InputSpec,
  gradient?: readonly number[],
): KernelCase[] =>
  Object.entries(fns).map(([name, run]) => ({
    name,
    inputs: [input],
    run: run as KernelCase["run"],
    ...(gradient && { gradient }),
  }));
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
export const binary = (
  fns: Readonly<Record<string, Binary>>,
  a: InputSpec,
  b: InputSpec,
  gradient?: readonly number[],
): KernelCase[] =>
  Object.entries(fns).map(([name, run]) => ({
    name,
    inputs: [a, b],
    run: run as KernelCase["run"],
    ...(gradient && { gradient }),
  }));
