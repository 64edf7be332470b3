import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mutationsOf } from "@infinite-former/tooling-vitest/mutations";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  decodeSafetensors,
  encodeSafetensors,
  fromFloat32,
  SafetensorsError,
  type SafetensorsTensor,
} from "../src/index.js";
import { openSafetensorsModel, readSafetensors, writeShardedSafetensors } from "../src/node.js";
import { bits, content } from "./arbitraries.js";
import { mutated } from "./mutations.js";
import { findPython, runPython } from "./python.js";

// The original implementation, read and written against: in files of its own
// making, in ours, and in what either of the two refuses.

/** Reads files; for each what it holds, or null where it is refused. */
const reading = `
import json, sys
from safetensors import deserialize, safe_open
out = []
for path in sys.argv[1:]:
    try:
        tensors = {name: [t["dtype"], t["shape"], bytes(t["data"]).hex()] for name, t in deserialize(open(path, "rb").read())}
        with safe_open(path, framework="np") as f:
            out.append({"tensors": sorted(tensors.items()), "metadata": f.metadata()})
    except Exception as error:
        out.append(None)
print(json.dumps(out))
`;

/** Writes every dtype, with torch where numpy has none, in random bits. */
const writing = `
import json, sys, numpy, torch
from safetensors.torch import save_file
folder, seed = sys.argv[1], int(sys.argv[2])
rng = numpy.random.default_rng(seed)
dtypes = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
  "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U64": torch.uint64, "U32": torch.uint32, "U16": torch.uint16,
  "U8": torch.uint8, "BOOL": torch.bool}
tensors, hold = {}, {}
for i, (name, dtype) in enumerate(dtypes.items()):
    for shape in [(), (3,), (2, 0, 4), (2, 3, 5)]:
        size = torch.empty(0, dtype=dtype).element_size()
        count = int(numpy.prod(shape))
        data = rng.integers(0, 2 if name == "BOOL" else 256, size=count * size, dtype=numpy.uint8)
        key = f"{name} {list(shape)} \\u221e"
        tensors[key] = torch.frombuffer(data.tobytes() or b"\\0" * 8, dtype=dtype)[:count].reshape(shape).clone()
        hold[key] = [name, list(shape), data.tobytes().hex()]
save_file(tensors, f"{folder}/python.safetensors", metadata={"format": "pt", "note": "\\u221e \\"quoted\\""})
print(json.dumps(hold))
`;

/** Rounds float32 to half precision. */
const rounding = `
import json, sys, torch
x = torch.frombuffer(open(sys.argv[1], "rb").read(), dtype=torch.float32)
print(json.dumps([x.to(t).view(torch.int16).to(torch.int32).bitwise_and(65535).tolist() for t in (torch.float16, torch.bfloat16)]))
`;

const plain = findPython(["safetensors", "numpy"]);
const withTorch = findPython(["safetensors", "torch"]);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "safetensors-python-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Read = {
  readonly tensors: [string, [string, number[], string]][];
  readonly metadata: Record<string, string> | null;
};

const hex = (tensor: SafetensorsTensor): string => Buffer.from(bits(tensor)).toString("hex");

/** In the order of Unicode, as Python sorts. */
const sorted = (names: Iterable<string>): string[] =>
  [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

async function written(files: readonly Uint8Array[]): Promise<string[]> {
  return Promise.all(
    files.map(async (bytes, i) => {
      const path = join(folder, `${i}.safetensors`);
      await writeFile(path, bytes);
      return path;
    }),
  );
}

describe("the Python package", () => {
  it("reads every file that is written here: names, dtypes, shapes, bits and metadata", async ({ skip }) => {
    if ("missing" in plain) return skip(plain.missing);
    const contents = fc.sample(content, { seed: 81, numRuns: 300 });
    const paths = await written(
      contents.map(({ tensors, metadata }) => encodeSafetensors(tensors, metadata)),
    );
    const read = runPython(plain.command, reading, paths) as (Read | null)[];
    for (const [i, { tensors, metadata }] of contents.entries()) {
      const own = new Map(tensors);
      const want = sorted(own.keys()).map((name) => {
        const tensor = own.get(name)!;
        return [name, [tensor.dtype, tensor.shape, hex(tensor)]];
      });
      expect(read[i]?.tensors, paths[i]).toEqual(want);
      expect({ ...read[i]?.metadata }).toEqual({ ...metadata });
    }
  });

  it("writes files that are read here, every dtype and shape with all its bits", async ({ skip }) => {
    if ("missing" in withTorch) return skip(withTorch.missing);
    const hold = runPython(withTorch.command, writing, [folder, "1"]) as Record<string, unknown>;
    const { tensors, metadata } = await readSafetensors(join(folder, "python.safetensors"));
    expect({ ...metadata }).toEqual({ format: "pt", note: '∞ "quoted"' });
    const found = [...tensors].map(([name, tensor]) => [name, [tensor.dtype, tensor.shape, hex(tensor)]]);
    expect(Object.fromEntries(found)).toEqual(hold);
    expect(tensors.size).toBe(52);
  });

  it("reads a model in several files that is written here", async ({ skip }) => {
    if ("missing" in plain) return skip(plain.missing);
    const tensors = new Map(fc.sample(content, { seed: 82, numRuns: 1 }).flatMap((file) => file.tensors));
    for (let i = 0; i < 5; i++)
      tensors.set(`w${i}`, { dtype: "F32", shape: [4], data: new Float32Array(4).fill(i) });
    const files = await writeShardedSafetensors(folder, tensors, (name) => tensors.get(name)!, {
      name: "py",
      shardBytes: 20,
    });
    const paths = files.filter((name) => !name.endsWith(".json")).map((name) => join(folder, name));
    const read = runPython(plain.command, reading, paths) as Read[];
    expect(sorted(read.flatMap((one) => one.tensors.map(([name]) => name)))).toEqual(sorted(tensors.keys()));
    const open = await openSafetensorsModel(folder, "py");
    for (const one of read) {
      for (const [name, [, , data]] of one.tensors) expect(hex(await open.read(name))).toBe(data);
    }
    await open.close();
  });

  it("refuses no mutated file that is accepted here, and reads the same from it", async ({ skip }) => {
    if ("missing" in plain) return skip(plain.missing);
    const good = fc
      .sample(content, { seed: 83, numRuns: 300 })
      .map((file) => encodeSafetensors(file.tensors, file.metadata));
    const changes = fc.sample(mutationsOf(fc), { seed: 84, numRuns: 3000 });
    const accepted = changes
      .map((mutations, i) => mutated(good[i % good.length]!, mutations))
      .filter((bytes) => {
        try {
          return decodeSafetensors(bytes);
        } catch (error) {
          if (!(error instanceof SafetensorsError)) throw error;
          return false;
        }
      });
    expect(accepted.length).toBeGreaterThan(100);
    const read = runPython(plain.command, reading, await written(accepted)) as (Read | null)[];
    for (const [i, bytes] of accepted.entries()) {
      const { tensors } = decodeSafetensors(bytes);
      const want = sorted(tensors.keys()).map((name) => [name, hex(tensors.get(name)!)]);
      expect(
        read[i]?.tensors.map(([name, [, , data]]) => [name, data]),
        String(i),
      ).toEqual(want);
    }
  });

  it("rounds to half precision as is done here", async ({ skip }) => {
    if ("missing" in withTorch) return skip(withTorch.missing);
    const words = fc.sample(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { seed: 85, numRuns: 20_000 });
    const values = new Float32Array(Uint32Array.from(words).buffer);
    const near = Float32Array.from(values, (_, i) =>
      Math.fround((i % 4096) * 2 ** -26 + 2 ** ((i % 30) - 20)),
    );
    const path = join(folder, "floats");
    const all = Float32Array.from([...values, ...near].filter((x) => !Number.isNaN(x)));
    await writeFile(path, new Uint8Array(all.buffer));
    const [half, bfloat] = runPython(withTorch.command, rounding, [path]) as number[][];
    const narrow = (dtype: "F16" | "BF16"): number[] => [
      ...(fromFloat32(dtype, [all.length], all).data as Uint16Array),
    ];
    expect(narrow("F16")).toEqual(half);
    expect(narrow("BF16")).toEqual(bfloat);
  });
});
