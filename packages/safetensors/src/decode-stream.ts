import { ByteReader, type ByteStream } from "./byte-stream.js";
import { type SafetensorsTensor, tensorOver } from "./dtype.js";
import { assertLittleEndian } from "./endian.js";
import {
  inDataOrder,
  PREFIX_BYTES,
  parseHeader,
  readHeaderSize,
  type SafetensorsHeader,
  type SafetensorsTensorInfo,
} from "./header.js";
import type { SafetensorsLimits } from "./limits.js";
import { SafetensorsError } from "./safetensors-error.js";

/** Some of the bytes of one tensor. */
export interface SafetensorsPiece {
  readonly name: string;
  readonly info: SafetensorsTensorInfo;
  /** Place of the first byte in the tensor's data. */
  readonly offset: number;
  /** Borrowed from the stream: good until the next piece is asked for. */
  readonly bytes: Uint8Array;
}

/** A file whose header has come and been checked. Its data can be read once, in one of two ways. */
export interface SafetensorsStream extends SafetensorsHeader, AsyncIterable<[string, SafetensorsTensor]> {
  /** Tensors in the order of the data, one at a time, each in memory of its own. */
  [Symbol.asyncIterator](): AsyncGenerator<[string, SafetensorsTensor], void, undefined>;
  /** The data as it arrives, in constant memory; an empty tensor gives no piece. */
  pieces(): AsyncGenerator<SafetensorsPiece, void, undefined>;
}

/**
 * Reads a file from a stream: `fetch(url).then((r) => decodeSafetensorsStream(r.body))`.
 * The header is checked before anything else is taken. Whatever the header says,
 * memory is set aside only for what has arrived (and 16 MB).
 *
 * @param stream closed when all has been read, the loop is left, or something is wrong
 * @throws {SafetensorsError} `ERR_SAFETENSORS` if anything departs from the
 *   format: at once for the header; from the loop where the stream ends early or goes on too long.
 */
export async function decodeSafetensorsStream(
  stream: ByteStream,
  limits?: SafetensorsLimits,
): Promise<SafetensorsStream> {
  assertLittleEndian();
  const reader = new ByteReader(stream);
  const header = await headerOf(reader, limits).catch(async (error: unknown) => {
    await reader.stop();
    throw error;
  });
  let begun = false;
  const once = <T>(data: AsyncGenerator<T, void, undefined>): AsyncGenerator<T, void, undefined> => {
    if (begun) throw new SafetensorsError("decodeSafetensorsStream: stream must be read once, got again");
    begun = true;
    return data;
  };
  return {
    ...header,
    pieces: () => once(stopped(reader, piecesOf(reader, header))),
    [Symbol.asyncIterator]: () => once(stopped(reader, tensorsOf(reader, header))),
  };
}

async function headerOf(
  reader: ByteReader,
  limits: SafetensorsLimits | undefined,
): Promise<SafetensorsHeader> {
  const prefix = await reader.take(PREFIX_BYTES);
  const size = readHeaderSize(prefix, Number.MAX_SAFE_INTEGER, limits);
  const bytes = await reader.take(size);
  if (bytes.length < size) throw ended(PREFIX_BYTES + size, reader.position);
  return parseHeader(bytes, undefined, limits);
}

async function* tensorsOf(
  reader: ByteReader,
  { tensors, fileBytes }: SafetensorsHeader,
): AsyncGenerator<[string, SafetensorsTensor], void, undefined> {
  for (const [name, { dtype, shape, begin, end }] of inDataOrder(tensors)) {
    const bytes = await reader.take(end - begin);
    if (bytes.length < end - begin) throw ended(fileBytes, reader.position);
    yield [name, tensorOver(dtype, shape, bytes, 0, bytes.length)];
  }
  await expectEnd(reader, fileBytes);
}

async function* piecesOf(
  reader: ByteReader,
  { tensors, fileBytes }: SafetensorsHeader,
): AsyncGenerator<SafetensorsPiece, void, undefined> {
  for (const [name, info] of inDataOrder(tensors)) {
    while (reader.position < info.end) {
      const offset = reader.position - info.begin;
      const bytes = await reader.some(info.end - reader.position);
      if (bytes === null) throw ended(fileBytes, reader.position);
      yield { name, info, offset, bytes };
    }
  }
  await expectEnd(reader, fileBytes);
}

async function expectEnd(reader: ByteReader, fileBytes: number): Promise<void> {
  if ((await reader.some(1)) === null) return;
  throw new SafetensorsError(
    `safetensors: data must end with the last tensor at byte ${fileBytes}, got more bytes`,
  );
}

async function* stopped<T>(
  reader: ByteReader,
  data: AsyncGenerator<T, void, undefined>,
): AsyncGenerator<T, void, undefined> {
  try {
    yield* data;
  } finally {
    await reader.stop();
  }
}

function ended(wanted: number, got: number): SafetensorsError {
  return new SafetensorsError(`safetensors: stream must have ${wanted} bytes, got its end after ${got}`);
}
