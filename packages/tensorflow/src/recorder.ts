import * as tf from "@tensorflow/tfjs-core";
import { CompileError } from "./compile-error.js";
import { type Capture, GraphBuilder, isSymbol } from "./graph-builder.js";
import { type ConstantValue, FILLABLE } from "./graph-def.js";
import { type OpDefinition, opDefinitions } from "./graph-ops.js";
import { keepConstants } from "./kept-constants.js";
import type { GraphBackend, GraphBinding, TensorMetadata } from "./native-backend.js";
import { guardRecording, type RecordingWatch } from "./recording-guards.js";
import { ShapeGraph } from "./shape-graph.js";

/** Constants beyond this many bytes stay in TensorFlow and become inputs of the graph. */
const LARGEST_CONSTANT = 65_536;

const NO_STRINGS = "string tensors cannot be part of a graph; work with them outside";

/** A recording under way: every operation becomes a node, and none is computed. */
export interface Recording {
  readonly builder: GraphBuilder;
  readonly watch: RecordingWatch;
  /** The handle of a tensor, as {@link GraphBuilder} knows it. */
  handle(tensor: tf.Tensor): number;
}

let active: Recording | undefined;

/** True while a function is being recorded: a compiled function called then is inlined. */
export function isRecording(): boolean {
  return active !== undefined;
}

const definitionsOf = new WeakMap<GraphBinding, (op: string) => OpDefinition | undefined>();

function definitions(binding: GraphBinding): (op: string) => OpDefinition | undefined {
  const known = definitionsOf.get(binding);
  if (known) return known;
  const lookup = opDefinitions(binding.opDefinitions());
  definitionsOf.set(binding, lookup);
  return lookup;
}

/**
 * Runs `body` with the addon's `executeOp` recorded in place of executed: its
 * outputs have shapes and types, and no values. Constants are made as ever, so
 * that they can be read and kept.
 * The backend is as before when this returns or throws, and every tensor made
 * inside is disposed but those that `tf.keep` protects; after a throw they are
 * disposed as well, and the handles held for captured tensors released.
 *
 * @param label the function's name, for messages
 * @param sites whether to note the call site of every operation (slow)
 */
export function record<T>(
  label: string,
  backend: GraphBackend,
  sites: boolean,
  body: (recording: Recording) => T,
): T {
  const binding = backend.binding;
  const data = new Map<number, object>();
  const watch = guardRecording(label, backend);
  const shapes = new ShapeGraph(binding);
  const builder = new GraphBuilder(label, definitions(binding), shapes, (id) => {
    const tensor = watch.outer.get(data.get(id) ?? {});
    const metadata = hold(binding, id);
    if (metadata.dtype === binding.TF_STRING) {
      binding.deleteTensor(metadata.id);
      throw new CompileError(`${label}: ${NO_STRINGS}`);
    }
    if (!(tensor instanceof tf.Variable)) return { handle: metadata.id, metadata };
    binding.deleteTensor(metadata.id);
    return { variable: tensor, metadata };
  });
  const { getInputTensorIds } = backend;
  const handles = (tensors: readonly tf.TensorInfo[]): number[] => {
    // A tensor from outside that still waits for its upload is an input, not a constant.
    for (const tensor of tensors) {
      watch.note(tensor);
      if (!watch.outer.has(tensor.dataId)) continue;
      backend.binding = binding;
      try {
        data.set(getInputTensorIds.call(backend, [tensor])[0] as number, tensor.dataId);
      } finally {
        backend.binding = recorded;
      }
    }
    return getInputTensorIds.call(backend, tensors);
  };
  const recorded = intercept(label, binding, builder, sites);
  backend.binding = recorded;
  backend.getInputTensorIds = handles;
  const recording = { builder, watch, handle: (tensor: tf.Tensor) => handles([tensor])[0] as number };
  active = recording;
  try {
    let result: T | undefined;
    tf.tidy(() => {
      result = body(recording);
      watch.check();
      keepConstants(backend, binding, recording);
    });
    return result as T;
  } catch (error) {
    for (const tensor of watch.kept) if (!tensor.isDisposed) tensor.dispose();
    releaseCaptures(binding, builder);
    throw error;
  } finally {
    active = undefined;
    backend.binding = binding;
    backend.getInputTensorIds = getInputTensorIds;
    watch.restore();
    shapes.clear();
  }
}

/**
 * Gives back the handles that a recording holds for tensors from outside.
 *
 * @param keep which captures stay; they are returned
 */
export function releaseCaptures(
  binding: GraphBinding,
  { captures }: GraphBuilder,
  keep: (capture: Capture) => boolean = () => false,
): readonly Capture[] {
  const kept = captures.filter(keep);
  for (const capture of captures) {
    if ("handle" in capture.source && !kept.includes(capture)) binding.deleteTensor(capture.source.handle);
  }
  captures.splice(0, captures.length, ...kept);
  return kept;
}

/** A handle of our own to the same memory. */
export function hold(binding: GraphBinding, id: number): TensorMetadata {
  return binding.executeOp("Identity", [], [id], 1)[0] as TensorMetadata;
}

function intercept(
  label: string,
  binding: GraphBinding,
  builder: GraphBuilder,
  sites: boolean,
): GraphBinding {
  const define = <T>(value: T): PropertyDescriptor => ({ value, configurable: true });
  return Object.create(binding, {
    executeOp: define<GraphBinding["executeOp"]>((op, attributes, inputs) =>
      builder.operation(op, attributes, inputs, sites ? new Error(op).stack : undefined),
    ),
    deleteTensor: define<GraphBinding["deleteTensor"]>((id) => {
      if (!isSymbol(id)) binding.deleteTensor(id);
    }),
    // Only kernels that check their inputs come this far with a symbol; zeros pass as indices.
    tensorDataSync: define<GraphBinding["tensorDataSync"]>((id) =>
      isSymbol(id)
        ? new Int32Array(sizeOf(builder.type(builder.reference(id)).shape ?? []))
        : binding.tensorDataSync(id),
    ),
    createTensor: define<GraphBinding["createTensor"]>((shape, type, values) => {
      if (type === binding.TF_STRING) {
        throw new CompileError(`${label}: ${NO_STRINGS}`);
      }
      const id = binding.createTensor(shape, type, values);
      const constant = constantOf(type, shape, values as unknown as TypedArray);
      if (constant) builder.constant(id, constant);
      return id;
    }),
  }) as GraphBinding;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

type TypedArray = Float32Array | Int32Array | Uint8Array;

/** A tensor's values as a constant of the graph, or undefined where they are too many. */
function constantOf(type: number, shape: readonly number[], values: TypedArray): ConstantValue | undefined {
  const [fill] = values;
  // tfjs makes full tensors of ones in many gradients: as one value, TensorFlow simplifies them away.
  if (
    FILLABLE.has(type) &&
    values.length > 1 &&
    !Object.is(fill, -0) &&
    values.every((value) => value === fill)
  ) {
    return { type, shape: [...shape], bytes: new Uint8Array(0), fill: fill as number };
  }
  if (values.byteLength > LARGEST_CONSTANT) return undefined;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
  return { type, shape: [...shape], bytes };
}
