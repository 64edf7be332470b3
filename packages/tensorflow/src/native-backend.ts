import * as tf from "@tensorflow/tfjs-core";

/** One tensor that TensorFlow holds, as the addon describes it. */
export interface TensorMetadata {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number; // TensorFlow's DataType
}

/** An attribute of an operation, as the backend's kernels pass it to the addon. */
export interface BindingAttribute {
  readonly name: string;
  readonly type: number; // TF_ATTR_*
  readonly value: unknown;
}

/** The part of the addon that graph functions use. */
export interface GraphBinding {
  readonly TF_INT32: number;
  readonly TF_STRING: number;
  readonly TF_ATTR_TYPE: number;
  createTensor(shape: readonly number[], dtype: number, values: ArrayLike<unknown>): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): ArrayLike<unknown>;
  executeOp(
    op: string,
    attributes: readonly BindingAttribute[],
    inputs: readonly number[],
    outputCount: number,
  ): TensorMetadata[];
  /** Adds a GraphDef as a function of the eager context; references are `node:index`. */
  addGraphFunction(name: string, graph: Uint8Array, inputs: string[], outputs: string[]): void;
  removeGraphFunction(name: string): void;
  /** Runs one; returns id, DataType, rank and dimensions of each output, one after the other. */
  runGraphFunction(name: string, inputs: Int32Array, outputCount: number): Int32Array;
  /** Every operation TensorFlow knows: a serialised OpList. */
  opDefinitions(): Uint8Array;
  /** A graph that never runs; see shape_graph.h. */
  newShapeGraph(): object;
  clearShapeGraph(graph: object): void;
  /** Adds the next node; returns DataType, rank and dimensions of each output, −1 where unknown. */
  addShapeNode(
    graph: object,
    op: string,
    inputs: Int32Array,
    attributes: readonly string[],
    values: readonly Uint8Array[],
    known: Int32Array,
  ): Int32Array;
}

/** The part of the TensorFlow.js backend "tensorflow" that graph functions use. */
export interface GraphBackend {
  binding: GraphBinding;
  /** What the backend knows of a tensor's data; `id` is TensorFlow's handle. */
  readonly tensorMap: { get(dataId: object): { id: number } };
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  createOutputTensor(metadata: TensorMetadata): tf.Tensor;
  write(values: unknown, shape: number[], dtype: tf.DataType): object;
  read(dataId: object): Promise<unknown>;
  readSync(dataId: object): unknown;
}

/** What compile uses of the engine beyond its published interface. */
export interface GraphEngine {
  readonly state: { readonly gradientDepth: number; readonly kernelDepth: number };
  nextTensorId(): number;
  runKernel(name: string, inputs: object, attributes?: object): unknown;
  makeVariable(...parameters: unknown[]): tf.Variable;
  keep(tensor: tf.Tensor): tf.Tensor;
}

/** The active backend if it can hold graph functions, undefined for every other. */
export function graphBackend(): GraphBackend | undefined {
  if (tf.getBackend() !== "tensorflow") return undefined;
  const backend = tf.backend() as unknown as GraphBackend;
  return typeof backend.binding?.addGraphFunction === "function" ? backend : undefined;
}

export function graphEngine(): GraphEngine {
  return tf.engine() as unknown as GraphEngine;
}
