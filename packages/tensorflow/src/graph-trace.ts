import * as tf from "@tensorflow/tfjs-core";
import { build, flatten, staticValues, type Template, templateOf } from "./call-tree.js";
import { CompileError } from "./compile-error.js";
import { type GraphBuilder, neededNodes } from "./graph-builder.js";
import type { GraphNode, GraphReference } from "./graph-def.js";
import { nameLackOfMemory } from "./graph-errors.js";
import type { GraphBackend } from "./native-backend.js";
import { hold, type Recording, record } from "./recorder.js";

/** A function over trees of tensors, with the name that messages use. */
export interface Traceable {
  readonly label: string;
  readonly fn: (...args: never[]) => unknown;
}

/** A tensor's shape and dtype. */
export interface TensorType {
  readonly shape: readonly number[];
  readonly dtype: tf.DataType;
}

/** What one run of a function would do, and what its result looks like. */
export interface Trace {
  readonly builder: GraphBuilder;
  readonly placeholders: readonly GraphNode[];
  readonly references: readonly GraphReference[];
  readonly outputs: readonly TensorType[];
  readonly result: Template;
}

/** The type of a tensor, for when the tensor is gone. */
export function typeOf({ shape, dtype }: tf.Tensor): TensorType {
  return { shape: [...shape], dtype };
}

/**
 * Runs a function under the recorder, which computes nothing.
 *
 * @param tensors the tensors of `args`
 * @param sites whether to note the call site of every operation (slow)
 */
export function trace(
  { label, fn }: Traceable,
  backend: GraphBackend,
  args: readonly unknown[],
  tensors: readonly tf.Tensor[],
  sites: boolean,
): Trace {
  const ids = backend.getInputTensorIds(tensors);
  const { binding } = backend;
  const template = templateOf(args);
  return record(label, backend, sites, (recording) => {
    const { builder, watch } = recording;
    // Fresh tensors for the arguments: two of them may share memory here and not at the next call.
    const placeholders: GraphNode[] = [];
    const inside = ids.map((id) => {
      const metadata = hold(binding, id);
      placeholders.push(builder.placeholder("argument", metadata));
      return backend.createOutputTensor(metadata);
    });
    const result = nameLackOfMemory(label, () => fn(...(build(template, inside) as never[])));
    const outputs = claimResult(label, result, watch.firstInside, staticValues(template));
    for (const tensor of outputs) watch.note(tensor);
    refuseKept(label, recording, new Set(placeholders), outputs);
    const references = outputs.map((output) => builder.output(recording.handle(output)));
    return { builder, placeholders, references, outputs: outputs.map(typeOf), result: templateOf(result) };
  });
}

/**
 * A result's tensors as tensors of their own: what was not made inside, or comes twice, is cloned.
 *
 * @param firstInside the first tensor id of the run
 * @param given the plain values of the arguments
 * @throws CompileError at a Promise, or a number that is none of `given`
 */
export function claimResult(
  label: string,
  result: unknown,
  firstInside: number,
  given: readonly unknown[],
): tf.Tensor[] {
  if (result instanceof Promise) {
    result.catch(() => {});
    throw new CompileError(`${label}: the function must be synchronous, got a Promise`);
  }
  for (const value of staticValues(templateOf(result))) {
    if (typeof value === "number" && !given.includes(value)) {
      throw new CompileError(
        `${label}: the result contains the number ${value}, which would be the same at every call; return a tensor (tf.scalar)`,
      );
    }
  }
  const taken = new Set<tf.Tensor>();
  return flatten(`${label}: result`, result).tensors.map((tensor) => {
    const own = tensor.id >= firstInside && !tensor.kept && !taken.has(tensor);
    taken.add(tensor);
    return own ? tensor : tf.clone(tensor);
  });
}

/** Refuses a tensor that outlives the function and depends on its arguments: it would never change again. */
function refuseKept(
  label: string,
  { watch, handle, builder }: Recording,
  placeholders: ReadonlySet<GraphNode>,
  outputs: readonly tf.Tensor[],
): void {
  for (const tensor of watch.kept) {
    if (tensor.isDisposed || outputs.includes(tensor)) continue;
    for (const node of neededNodes([builder.reference(handle(tensor))])) {
      if (!placeholders.has(node)) continue;
      throw new CompileError(
        `${label}: keeps (tf.keep) a tensor computed from the arguments, which later calls would not renew; return it instead`,
      );
    }
  }
}
