import * as tf from "@tensorflow/tfjs-core";
import type { FlatTree, Template } from "./call-tree.js";
import { CompileError } from "./compile-error.js";
import { type Capture, captureHandle, neededNodes } from "./graph-builder.js";
import { encodeGraph, referenceName } from "./graph-def.js";
import { explainRefusal } from "./graph-errors.js";
import { type TensorType, type Traceable, trace, typeOf } from "./graph-trace.js";
import type { GraphBackend } from "./native-backend.js";
import { releaseCaptures } from "./recorder.js";

/** One recorded signature: a function in TensorFlow's eager context, and what its calls need. */
export interface GraphFunction {
  readonly name: string;
  readonly source: Traceable;
  readonly backend: GraphBackend;
  readonly tokens: readonly unknown[];
  readonly inputs: readonly TensorType[];
  readonly captures: readonly Capture[];
  readonly outputs: readonly TensorType[];
  readonly result: Template;
  readonly nodeCount: number;
  readonly byteCount: number;
  calls: number;
}

let functionCount = 0;

/**
 * Records a function and adds a graph function of what it does to TensorFlow's
 * context; nothing is computed.
 *
 * @throws CompileError where it does what a graph cannot repeat, or TensorFlow refuses the graph
 */
export function recordGraphFunction(
  source: Traceable,
  backend: GraphBackend,
  args: readonly unknown[],
  { tensors, tokens }: FlatTree,
): GraphFunction {
  const { builder, placeholders, references, outputs, result } = trace(source, backend, args, tensors, false);
  const { binding } = backend;
  const needed = neededNodes(references);
  const captures = releaseCaptures(binding, builder, (capture) => needed.has(capture.node));
  for (const node of placeholders) needed.add(node);
  const name = `${source.label.replace(/\W/g, "_")}_compiled_${functionCount++}`;
  const inputs = [...placeholders, ...captures.map(({ node }) => node)];
  try {
    const bytes = encodeGraph(needed);
    binding.addGraphFunction(
      name,
      bytes,
      inputs.map((node) => referenceName({ node, index: 0 })),
      references.map(referenceName),
    );
    return {
      name,
      source,
      backend,
      tokens,
      inputs: tensors.map(typeOf),
      captures,
      outputs,
      result,
      nodeCount: needed.size,
      byteCount: bytes.length,
      calls: 0,
    };
  } catch (error) {
    releaseCaptures(binding, builder);
    throw explainRefusal(source.label, error, backend, () => trace(source, backend, args, tensors, true));
  }
}

/** Runs the graph; the new tensors belong to the caller. */
export function runGraphFunction(
  graph: GraphFunction,
  args: readonly unknown[],
  tensors: readonly tf.Tensor[],
): tf.Tensor[] {
  const { backend, name, outputs, source } = graph;
  const inputs = inputHandles(graph, tensors);
  let flat: Int32Array;
  try {
    flat = backend.binding.runGraphFunction(name, inputs, outputs.length);
  } catch (error) {
    throw explainRefusal(source.label, error, backend, () => trace(source, backend, args, tensors, true));
  }
  graph.calls++;
  const made: tf.Tensor[] = new Array(outputs.length);
  let changed = -1;
  for (let at = 0, i = 0; i < outputs.length; i++) {
    const expected = (outputs[i] as TensorType).shape;
    const rank = flat[at + 2] as number;
    const shape: number[] = new Array(rank);
    if (rank !== expected.length) changed = i;
    for (let axis = 0; axis < rank; axis++) {
      shape[axis] = flat[at + 3 + axis] as number;
      if (shape[axis] !== expected[axis]) changed = i;
    }
    made[i] = backend.createOutputTensor({ id: flat[at] as number, dtype: flat[at + 1] as number, shape });
    at += 3 + rank;
  }
  if (changed < 0) return made;
  const got = made[changed]?.shape;
  tf.dispose(made);
  throw new CompileError(
    `${source.label}: output ${changed} has shape [${got}] and had [${outputs[changed]?.shape}] when recorded: it depends on values, which a graph cannot follow`,
  );
}

function inputHandles(
  { backend, captures, source }: GraphFunction,
  tensors: readonly tf.Tensor[],
): Int32Array {
  const handles = new Int32Array(tensors.length + captures.length);
  handles.set(backend.getInputTensorIds(tensors));
  captures.forEach((capture, i) => {
    handles[tensors.length + i] = captureHandle(source.label, backend, capture);
  });
  return handles;
}

/** Takes the function out of TensorFlow's context and gives back what it holds. */
export function disposeGraphFunction({ backend, name, captures }: GraphFunction): void {
  backend.binding.removeGraphFunction(name);
  for (const { source } of captures) if ("handle" in source) backend.binding.deleteTensor(source.handle);
}
