import * as tf from "@tensorflow/tfjs-core";

/** The part of the wasm backend that a kernel uses for what it makes. */
interface WasmBackend {
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  /** The memory of a tensor; good until the next one is made. */
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array;
  disposeData(dataId: object): void;
}

type Run = (name: string, inputs: Record<string, tf.TensorInfo>, attrs?: object) => tf.TensorInfo;

/** Products of fewer multiplications than this are left to the simple loop: a call of the fast one costs more. */
const SMALL = 16_384;

/**
 * Makes products of matrices on wasm fast that are not one plain product.
 *
 * The backend multiplies two matrices with vector instructions, but takes a
 * loop some twenty times slower for several at once and for transposed ones:
 * every product in an attention and in the gradient of a linear layer. Here
 * each becomes plain products, of transposed copies where need be.
 *
 * Call it where wasm is initialised; more than once does no harm.
 */
export function registerWasmProducts(): void {
  const stock = tf.getKernel("BatchMatMul", "wasm");
  if (!stock || stock.kernelFunc === latest) return;
  const plain = stock.kernelFunc;
  const kernelFunc: tf.KernelFunc = (call) => product(call, plain);
  tf.unregisterKernel(stock.kernelName, stock.backendName);
  tf.registerKernel({ ...stock, kernelFunc });
  latest = kernelFunc;
}

/** Ours, so that it is not wrapped again. */
let latest: tf.KernelFunc | undefined;

function product(call: Parameters<tf.KernelFunc>[0], plain: tf.KernelFunc): tf.TensorInfo {
  const backend = call.backend as unknown as WasmBackend;
  const { a, b } = call.inputs as unknown as { a: tf.TensorInfo; b: tf.TensorInfo };
  const { transposeA, transposeB } = call.attrs as unknown as { transposeA: boolean; transposeB: boolean };
  const lead = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const count = tf.util.sizeFromShape(lead);
  const [rows, inner] = transposeA ? lastTwo(a.shape).reverse() : lastTwo(a.shape);
  const columns = lastTwo(b.shape)[transposeB ? 0 : 1];
  const bothPlain = count === 1 && !transposeA && !transposeB;
  const size = (rows ?? 0) * (inner ?? 0) * (columns ?? 0);
  const fits =
    a.dtype === "float32" && b.dtype === "float32" && lastTwo(b.shape)[transposeB ? 1 : 0] === inner;
  if (bothPlain || size < SMALL || !fits) return plain(call) as tf.TensorInfo;

  const made: tf.TensorInfo[] = [];
  const keep = (x: tf.TensorInfo): tf.TensorInfo => {
    made.push(x);
    return x;
  };
  const run: Run = (name, inputs, attrs = {}) => {
    const kernel = tf.getKernel(name, "wasm") as tf.KernelConfig;
    const args = { inputs, attrs, backend: call.backend } as unknown as Parameters<tf.KernelFunc>[0];
    return (kernel.kernelFunc === latest ? plain : kernel.kernelFunc)(args) as tf.TensorInfo;
  };
  const pick = matrices(backend, run, keep, lead);
  const left = pick(a, transposeA);
  const right = pick(b, transposeB);
  const flags = { transposeA: false, transposeB: false };
  try {
    const shared =
      tf.util.sizeFromShape(b.shape.slice(0, -2)) === 1 && !transposeA && sameLead(a.shape, lead);
    if (shared) {
      // One right side for all: its left sides are the rows of one matrix.
      const all = view(a, [1, count * (rows as number), inner as number]);
      const out = run("BatchMatMul", { a: all, b: right(0) }, flags);
      return view(out, [...lead, rows as number, columns as number]);
    }
    const parts = Array.from({ length: count }, (_, i) => {
      return keep(run("BatchMatMul", { a: left(i), b: right(i) }, flags));
    });
    const out = backend.makeOutput([...lead, rows as number, columns as number], "float32");
    const memory = backend.typedArrayFromHeap(out);
    parts.forEach((part, i) => {
      memory.set(backend.typedArrayFromHeap(part), i * (rows as number) * (columns as number));
    });
    return out;
  } finally {
    for (const { dataId } of made) backend.disposeData(dataId);
  }
}

/** Gives the i-th matrix of a broadcast stack, `[1, rows, columns]`, transposed where asked; each is made once. */
function matrices(
  backend: WasmBackend,
  run: Run,
  keep: (x: tf.TensorInfo) => tf.TensorInfo,
  lead: readonly number[],
): (x: tf.TensorInfo, transposed: boolean) => (index: number) => tf.TensorInfo {
  return (x, transposed) => {
    const own = x.shape.slice(0, -2);
    const [rows, columns] = lastTwo(x.shape) as [number, number];
    const stack = view(x, [tf.util.sizeFromShape(own), rows, columns]);
    const known = new Map<number, tf.TensorInfo>();
    return (index) => {
      const at = ownIndex(index, lead, own);
      const before = known.get(at);
      if (before) return before;
      const single = stack.shape[0] === 1 ? stack : keep(copyOf(backend, stack, at));
      const matrix = transposed ? keep(run("Transpose", { x: single }, { perm: [0, 2, 1] })) : single;
      known.set(at, matrix);
      return matrix;
    };
  };
}

/** One matrix of a stack; the stock kernel for slices would copy the whole stack first. */
function copyOf(backend: WasmBackend, stack: tf.TensorInfo, at: number): tf.TensorInfo {
  const [, rows, columns] = stack.shape as [number, number, number];
  const out = backend.makeOutput([1, rows, columns], "float32");
  const size = rows * columns;
  backend.typedArrayFromHeap(out).set(backend.typedArrayFromHeap(stack).subarray(at * size, (at + 1) * size));
  return out;
}

/** Which matrix of a stack with leading axes `own` stands at place `index` of the broadcast axes `lead`. */
function ownIndex(index: number, lead: readonly number[], own: readonly number[]): number {
  let rest = index;
  let at = 0;
  let stride = 1;
  for (let back = 1; back <= lead.length; back++) {
    const size = lead.at(-back) as number;
    const mine = own.at(-back) ?? 1;
    if (back <= own.length) {
      if (mine !== 1) at += (rest % size) * stride;
      stride *= mine;
    }
    rest = Math.floor(rest / size);
  }
  return at;
}

function sameLead(shape: readonly number[], lead: readonly number[]): boolean {
  const own = shape.slice(0, -2);
  return own.length === lead.length && own.every((size, i) => size === lead[i]);
}

function lastTwo(shape: readonly number[]): number[] {
  return shape.slice(-2);
}

/** The same data under another shape of the same size. */
function view({ dataId, dtype }: tf.TensorInfo, shape: number[]): tf.TensorInfo {
  return { dataId, dtype, shape };
}
