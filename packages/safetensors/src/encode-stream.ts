import type { SafetensorsTensor } from "./dtype.js";
import { checkedBytes } from "./encode.js";
import { assertLittleEndian } from "./endian.js";
import { type Layout, type Place, planLayout, type SafetensorsSpec, wrongTensor } from "./layout.js";
import type { SafetensorsLimits } from "./limits.js";

/** The numbers of one tensor: whole, or its little-endian bytes in pieces of any size. */
export type SafetensorsContent = SafetensorsTensor | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** A file in pieces, each to be used before the next is asked for. */
export interface SafetensorsChunks extends AsyncIterable<Uint8Array> {
  /** Sum of all pieces. */
  readonly byteLength: number;
}

/**
 * A file's bytes in pieces, with one tensor at a time in memory, or less where
 * `read` gives pieces itself: a file may be larger than the memory is.
 *
 * @param tensors names, dtypes and shapes; tensors themselves will do
 * @param read gives one tensor's numbers; called once each, in the order of the
 *   data (wide dtypes first), when they are due. What it gives is borrowed until the next call.
 * @param metadata strings kept under `__metadata__`
 * @returns pieces that may be asked for more than once; then `read` is called again
 * @throws {SafetensorsError} `ERR_SAFETENSORS` at once where {@link encodeSafetensors}
 *   does, and while it is read if a tensor is not as it was announced.
 * @example
 * const body = ReadableStream.from(encodeSafetensorsStream(specs, (name) => load(name)));
 */
export function encodeSafetensorsStream(
  tensors: Iterable<readonly [string, SafetensorsSpec]>,
  read: (name: string) => SafetensorsContent | Promise<SafetensorsContent>,
  metadata?: Readonly<Record<string, string>>,
  limits?: SafetensorsLimits,
): SafetensorsChunks {
  assertLittleEndian();
  const layout = planLayout(tensors, metadata, limits);
  return { byteLength: layout.fileBytes, [Symbol.asyncIterator]: () => chunks(layout, read) };
}

async function* chunks(
  { head, places }: Layout,
  read: (name: string) => SafetensorsContent | Promise<SafetensorsContent>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield head;
  for (const [name, place] of places) {
    const content = await read(name);
    if (isTensor(content)) yield checkedBytes(name, place, content);
    else yield* counted(name, place, content);
  }
}

async function* counted(
  name: string,
  { dtype, shape, begin, end }: Place,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const wanted = end - begin;
  const must = `must have the ${wanted} bytes of ${dtype} [${shape}]`;
  let done = 0;
  for await (const piece of pieces) {
    if (!(piece instanceof Uint8Array)) throw wrongTensor(name, "must come in pieces of bytes", typeof piece);
    done += piece.length;
    if (done > wanted) throw wrongTensor(name, must, `${done} or more`);
    yield piece;
  }
  if (done < wanted) throw wrongTensor(name, must, `${done}`);
}

function isTensor(content: SafetensorsContent): content is SafetensorsTensor {
  return "dtype" in content;
}
