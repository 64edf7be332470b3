import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import {
  decodeSafetensors,
  decodeSafetensorsStream,
  encodeSafetensors,
  encodeSafetensorsStream,
  SafetensorsError,
  type SafetensorsTensor,
} from "../src/index.js";
import { bits, content } from "./arbitraries.js";

const one: [string, SafetensorsTensor][] = [
  ["mask", { dtype: "BOOL", shape: [3], data: Uint8Array.of(1, 0, 1) }],
  ["weights", { dtype: "F32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
  ["none", { dtype: "F64", shape: [0, 5], data: new Float64Array(0) }],
];
const file = encodeSafetensors(one, { note: "n" });

/** The bytes in pieces of the sizes given, over and over; empty pieces among them. */
function* cut(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; at += sizes[i++ % sizes.length]!) {
    yield bytes.subarray(at, at + sizes[i % sizes.length]!);
  }
}

async function gathered(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk.slice());
  return new Uint8Array(Buffer.concat(parts));
}

const refusal = expect.objectContaining({ code: "ERR_SAFETENSORS" });

describe("decodeSafetensorsStream", () => {
  it("gives what decodeSafetensors does, however the bytes are cut", async () => {
    const sizes = fc
      .array(fc.nat(40), { minLength: 1, maxLength: 4 })
      .filter((all) => all.some((n) => n > 0));
    const law = fc.asyncProperty(content, sizes, async ({ tensors, metadata }, pieces) => {
      const bytes = encodeSafetensors(tensors, metadata);
      const whole = decodeSafetensors(bytes);
      const stream = await decodeSafetensorsStream(cut(bytes, pieces));
      expect([...stream.tensors.keys()]).toEqual([...whole.tensors.keys()]);
      expect(stream.metadata).toEqual(whole.metadata);
      expect(stream.fileBytes).toBe(bytes.length);
      const seen = new Map<string, SafetensorsTensor>();
      for await (const [name, tensor] of stream) seen.set(name, tensor);
      expect(seen.size).toBe(whole.tensors.size);
      for (const [name, { dtype, shape, data }] of whole.tensors) {
        const got = seen.get(name)!;
        expect([got.dtype, got.shape, bits(got)]).toEqual([
          dtype,
          shape,
          bits({ dtype, shape, data } as never),
        ]);
        expect(got.data.constructor).toBe(data.constructor);
      }
    });
    await fc.assert(law, { seed: 61, numRuns: 300 });
  });

  it("gives pieces as they arrive, each in its place", async () => {
    const stream = await decodeSafetensorsStream(cut(file, [7]));
    const data = new Map(
      [...stream.tensors].map(([name, { begin, end }]) => [name, new Uint8Array(end - begin)]),
    );
    for await (const { name, info, offset, bytes } of stream.pieces()) {
      expect(info).toBe(stream.tensors.get(name));
      expect(bytes.length).toBeLessThanOrEqual(7);
      data.get(name)!.set(bytes, offset);
    }
    for (const [name, tensor] of one) expect([...data.get(name)!]).toEqual(bits(tensor));
  });

  it("reads a web stream, and gives it up when the loop is left or the header is refused", async () => {
    const cancel = vi.fn();
    const web = (bytes: Uint8Array): ReadableStream<Uint8Array> =>
      new ReadableStream({ pull: (to) => to.enqueue(bytes), cancel });
    for await (const [name] of await decodeSafetensorsStream(web(file))) {
      expect(name).toBe("none");
      break;
    }
    expect(cancel).toHaveBeenCalledTimes(1);
    await expect(decodeSafetensorsStream(web(new Uint8Array(8)))).rejects.toThrow(/must start with "\{"/);
    expect(cancel).toHaveBeenCalledTimes(2);
    const body = new Response(file).body!;
    expect((await decodeSafetensorsStream(body)).tensors.size).toBe(3);
  });

  it("refuses a stream that ends anywhere before its end, and one that goes on", async () => {
    const read = async (bytes: Uint8Array): Promise<void> => {
      for await (const _ of await decodeSafetensorsStream([bytes]));
    };
    for (let length = 0; length < file.length; length++) {
      await expect(read(file.subarray(0, length)), `${length} bytes`).rejects.toEqual(refusal);
    }
    await expect(read(Uint8Array.of(...file, 0))).rejects.toThrow(
      /must end with the last tensor .* got more/,
    );
    const pieces = (await decodeSafetensorsStream([file, Uint8Array.of(1)])).pieces();
    await expect(gatheredPieces(pieces)).rejects.toThrow(/got more bytes/);
    const cutShort = (await decodeSafetensorsStream([file.subarray(0, -1)])).pieces();
    await expect(gatheredPieces(cutShort)).rejects.toThrow(/got its end after/);
  });

  it("sets memory aside for what has come, not for what is announced, and keeps all of it", async () => {
    const data = Float32Array.from({ length: 9_000_000 }, (_, i) => i);
    const large = encodeSafetensors([["large", { dtype: "F32", shape: [9_000_000], data }]]);
    for await (const [, tensor] of await decodeSafetensorsStream(cut(large, [5_000_001, 999]))) {
      expect(
        Buffer.compare(
          Buffer.from(tensor.data.buffer as ArrayBuffer, 0, tensor.data.byteLength),
          Buffer.from(data.buffer),
        ),
      ).toBe(0);
    }
    const size = 2 ** 50;
    const header = `{"a":{"dtype":"U8","shape":[${size}],"data_offsets":[0,${size}]}}`;
    const bytes = Buffer.concat([
      Buffer.from(BigUint64Array.of(BigInt(header.length)).buffer),
      Buffer.from(header),
    ]);
    const before = process.memoryUsage().rss;
    const read = (async () => {
      for await (const _ of await decodeSafetensorsStream([bytes, new Uint8Array(100)]));
    })();
    await expect(read).rejects.toThrow(
      `must have ${size + bytes.length} bytes, got its end after ${bytes.length + 100}`,
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20);
  });

  it("can be read once, and only takes bytes", async () => {
    const stream = await decodeSafetensorsStream([file]);
    stream.pieces();
    expect(() => stream[Symbol.asyncIterator]()).toThrow(/must be read once/);
    await expect(decodeSafetensorsStream(["text"] as never)).rejects.toThrow(
      /must give pieces of bytes, got string/,
    );
  });
});

async function gatheredPieces(pieces: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

describe("encodeSafetensorsStream", () => {
  it("writes the bytes that encodeSafetensors does, from tensors or pieces, and again when asked again", async () => {
    const law = fc.asyncProperty(content, fc.boolean(), async ({ tensors, metadata }, whole) => {
      const byName = new Map(tensors);
      const chunks = encodeSafetensorsStream(
        tensors.map(([name, { dtype, shape }]) => [name, { dtype, shape }]),
        async (name) => {
          const tensor = byName.get(name)!;
          return whole ? tensor : cut(Uint8Array.from(bits(tensor)), [3, 0, 1]);
        },
        metadata,
      );
      const want = encodeSafetensors(tensors, metadata);
      expect(chunks.byteLength).toBe(want.length);
      expect(await gathered(chunks)).toEqual(want);
      expect(await gathered(chunks)).toEqual(want);
    });
    await fc.assert(law, { seed: 62, numRuns: 200 });
  });

  it.each([
    [
      "another dtype",
      () => ({ dtype: "I32", shape: [2], data: Int32Array.of(1, 2) }),
      /must be F32 \[2\] as announced/,
    ],
    [
      "another shape",
      () => ({ dtype: "F32", shape: [1], data: Float32Array.of(1) }),
      /must be F32 \[2\] as announced/,
    ],
    ["another array", () => ({ dtype: "F32", shape: [2], data: [1, 2] }), /must have the array of F32/],
    [
      "fewer numbers",
      () => ({ dtype: "F32", shape: [2], data: Float32Array.of(1) }),
      /must have the 8 bytes/,
    ],
    ["fewer bytes", () => [new Uint8Array(7)], /must have the 8 bytes of F32 \[2\], got 7/],
    [
      "more bytes",
      () => [new Uint8Array(8), new Uint8Array(1)],
      /must have the 8 bytes of F32 \[2\], got 9 or more/,
    ],
    ["no bytes", () => ["text"], /must come in pieces of bytes, got string/],
  ])("refuses %s than was announced", async (_, read, message) => {
    const chunks = encodeSafetensorsStream([["a", { dtype: "F32", shape: [2] }]], read as never);
    await expect(gathered(chunks)).rejects.toThrow(message);
  });

  it("refuses at once what can be seen at once", () => {
    expect(() => encodeSafetensorsStream([["a", { dtype: "F8" as never, shape: [] }]], () => [])).toThrow(
      SafetensorsError,
    );
  });

  it("goes through a file of 5 GB in constant memory, and its reader with it", async () => {
    const size = 5_000_000_000;
    const block = new Uint8Array(2 ** 24);
    function* blocks(): Generator<Uint8Array> {
      for (let left = size; left > 0; left -= block.length)
        yield block.subarray(0, Math.min(left, block.length));
    }
    const last: SafetensorsTensor = { dtype: "U8", shape: [2], data: Uint8Array.of(7, 9) };
    const chunks = encodeSafetensorsStream(
      [
        ["large", { dtype: "U8", shape: [50_000, 100_000] }],
        ["last", last],
      ],
      (name) => (name === "last" ? last : blocks()),
    );
    const before = process.memoryUsage().rss;
    let [sum, largest] = [0, 0];
    for await (const { name, bytes, offset } of (await decodeSafetensorsStream(chunks)).pieces()) {
      sum += bytes.length;
      largest = Math.max(largest, process.memoryUsage.rss());
      if (name === "last") expect([offset, ...bytes]).toEqual([0, 7, 9]);
    }
    expect(sum).toBe(size + 2);
    expect(largest - before).toBeLessThan(64 * 2 ** 20);
  });
});
