import * as tf from "@tensorflow/tfjs-core";
import { build, flatten, sameTokens, staticValues, templateOf } from "./call-tree.js";
import {
  disposeGraphFunction,
  type GraphFunction,
  recordGraphFunction,
  runGraphFunction,
} from "./graph-function.js";
import { claimResult, type TensorType, type Traceable } from "./graph-trace.js";
import { type GraphBackend, graphBackend, graphEngine } from "./native-backend.js";
import { isRecording } from "./recorder.js";

export interface CompileOptions {
  /** The name in error messages and in TensorFlow's context; default: the function's own. */
  readonly name?: string;
  /** How many signatures are kept; the least recently used one makes room. Default 32, at least 1. */
  readonly maxSignatures?: number;
}

/** What one recorded signature looks like from outside. */
export interface SignatureInfo {
  readonly inputs: readonly TensorType[];
  readonly outputs: readonly TensorType[];
  /** Tensors and variables from outside that the graph uses. */
  readonly captures: number;
  readonly nodes: number;
  /** Size of the serialised graph. */
  readonly bytes: number;
  /** Calls of the graph: as many as of the function with this signature. */
  readonly calls: number;
}

/** A compiled function: call it like the one it was made of. */
export interface Compiled<A extends readonly unknown[], R> {
  (...args: A): R;
  /** The recorded signatures, the last used one first; empty on every backend but "tensorflow". */
  signatures(): readonly SignatureInfo[];
  /** Forgets every signature and releases captured tensors; a later call records anew. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/**
 * The function as TensorFlow graphs: the first call with a signature (tree
 * structure, shapes, dtypes, plain values) records its operations, gradients
 * included, without computing them; this call and later ones run the graph as
 * one operation. TensorFlow rewrites a graph, so its last digits may differ from
 * eager ones (those of a softmax do): as every result comes from the graph, a
 * program taken up again repeats itself bit for bit.
 * On every other backend, inside a gradient (`tf.grads(compiled)`) and inside
 * another compiled function it runs operation by operation with the same
 * results.
 *
 * `fn` must be pure: tensors in arrays and plain objects in, the same out.
 * Plain values (numbers, strings, booleans, null, undefined) may stand in the
 * tree and are part of the signature. It receives tensors of its own, also
 * where variables are passed, and may not read values, draw random numbers in
 * JavaScript, assign variables or keep tensors made from its arguments.
 * Tensors from outside that it uses are held until `dispose()`, even if the
 * caller disposes them; variables from outside count with their value at each
 * call. The caller owns the tensors of every result.
 *
 * @throws CompileError with what to change, at the call that records
 */
export function compile<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  options: CompileOptions = {},
): Compiled<A, R> {
  const { maxSignatures = 32 } = options;
  if (!Number.isInteger(maxSignatures) || maxSignatures < 1) {
    throw new RangeError(`compile: maxSignatures must be a positive integer, got ${maxSignatures}`);
  }
  const source: Traceable = { label: options.name ?? (fn.name || "compiled"), fn };
  const cache: GraphFunction[] = []; // most recently used first

  const call = (...args: A): R => {
    const backend = graphBackend();
    if (!backend || isRecording() || isDifferentiating()) return runEagerly(source, args) as R;
    const flat = flatten(source.label, args);
    const graph = find(cache, backend, flat.tokens);
    if (graph) return build(graph.result, runGraphFunction(graph, args, flat.tensors)) as R;
    const recorded = recordGraphFunction(source, backend, args, flat);
    cache.unshift(recorded);
    for (const old of cache.splice(maxSignatures)) disposeGraphFunction(old);
    return build(recorded.result, runGraphFunction(recorded, args, flat.tensors)) as R;
  };
  const dispose = (): void => {
    for (const graph of cache.splice(0)) disposeGraphFunction(graph);
  };
  return Object.assign(call, {
    signatures: () => cache.map(describe),
    dispose,
    [Symbol.dispose]: dispose,
  });
}

function find(
  cache: GraphFunction[],
  backend: GraphBackend,
  tokens: readonly unknown[],
): GraphFunction | undefined {
  for (let i = 0; i < cache.length; i++) {
    const graph = cache[i] as GraphFunction;
    if (graph.backend !== backend || !sameTokens(graph.tokens, tokens)) continue;
    if (i > 0) {
      cache.splice(i, 1);
      cache.unshift(graph);
    }
    return graph;
  }
  return undefined;
}

function describe({ inputs, outputs, captures, nodeCount, byteCount, calls }: GraphFunction): SignatureInfo {
  return { inputs, outputs, captures: captures.length, nodes: nodeCount, bytes: byteCount, calls };
}

/** True inside `tf.grads` and its like, where a graph would cut the gradient. */
function isDifferentiating(): boolean {
  const { gradientDepth, kernelDepth } = graphEngine().state;
  return gradientDepth > 0 && kernelDepth === 0;
}

/** The same call without a graph: same arguments, same ownership of the result. */
function runEagerly({ label, fn }: Traceable, args: readonly unknown[]): unknown {
  const { tensors } = flatten(label, args);
  const template = templateOf(args);
  let result: unknown;
  const outputs = tf.tidy(() => {
    const firstInside = graphEngine().nextTensorId();
    const inside = tensors.map((tensor) => tf.clone(tensor));
    result = fn(...(build(template, inside) as never[]));
    return claimResult(label, result, firstInside, staticValues(template));
  });
  return build(templateOf(result), outputs);
}
