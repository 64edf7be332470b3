import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trial } from "@infinite-former/tooling-vitest/trial";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  blobSource,
  encodeSafetensors,
  openSafetensorsShards,
  parseShardIndex,
  type SafetensorsTensor,
} from "../src/index.js";
import {
  openSafetensorsModel,
  openShardedSafetensors,
  readSafetensors,
  writeSafetensors,
  writeShardedSafetensors,
} from "../src/node.js";
import { bits, content } from "./arbitraries.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "safetensors-shards-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const tensors = new Map<string, SafetensorsTensor>([
  ["a", { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) }],
  ["b", { dtype: "U8", shape: [3], data: Uint8Array.of(3, 4, 5) }],
  ["c", { dtype: "I64", shape: [1], data: BigInt64Array.of(6n) }],
]);
const get = (name: string): SafetensorsTensor => tensors.get(name) as SafetensorsTensor;
const indexPath = (): string => join(folder, "model.safetensors.index.json");
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const refusal = (message: RegExp) =>
  expect.objectContaining({ code: "ERR_SAFETENSORS", message: expect.stringMatching(message) });

/** Writes `a` and `b` to one file, `c` to another, and an index of the map given. */
async function model(
  map: object = { a: "1.safetensors", b: "1.safetensors", c: "2.safetensors" },
): Promise<void> {
  const entries = [...tensors];
  await writeSafetensors(join(folder, "1.safetensors"), entries.slice(0, 2));
  await writeSafetensors(join(folder, "2.safetensors"), entries.slice(2));
  await writeFile(indexPath(), JSON.stringify({ metadata: { total_size: 19 }, weight_map: map }));
}

describe("writeShardedSafetensors", () => {
  it("is undone by openSafetensorsModel, whatever the tensors and the size of files", async () => {
    let n = 0;
    const law = fc.asyncProperty(content, fc.integer({ min: 1, max: 300 }), async (file, shardBytes) => {
      const own = join(folder, String(n++));
      await mkdir(own);
      const all = new Map(file.tensors);
      const metadata = file.metadata ?? {};
      const names = await writeShardedSafetensors(own, all, (name) => all.get(name)!, {
        shardBytes,
        metadata,
      });
      expect((await readdir(own)).sort()).toEqual([...names].sort());
      const open = await openSafetensorsModel(own);
      try {
        expect([...open.tensors.keys()]).toEqual([...all.keys()]);
        for (const [name, tensor] of all) {
          const got = await open.read(name);
          expect([got.dtype, got.shape, bits(got)]).toEqual([tensor.dtype, tensor.shape, bits(tensor)]);
        }
        for (const shard of names.filter((name) => !name.endsWith(".json"))) {
          const read = await readSafetensors(join(own, shard));
          const bytes = [...read.tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
          expect(bytes <= shardBytes || read.tensors.size === 1 || names.length === 1).toBe(true);
          expect(Object.entries(read.metadata)).toEqual(Object.entries(metadata));
        }
      } finally {
        await open.close();
      }
    });
    await fc.assert(law, { seed: 71, numRuns: 60 });
  });

  it("names files and index as transformers does, and writes one file without an index", async () => {
    expect(await writeShardedSafetensors(folder, tensors, get, { shardBytes: 11 })).toEqual([
      "model-00001-of-00002.safetensors",
      "model-00002-of-00002.safetensors",
      "model.safetensors.index.json",
    ]);
    expect(JSON.parse(await readFile(indexPath(), "utf8"))).toEqual({
      metadata: { total_size: 19 },
      weight_map: {
        a: "model-00001-of-00002.safetensors",
        b: "model-00001-of-00002.safetensors",
        c: "model-00002-of-00002.safetensors",
      },
    });
    expect(await writeShardedSafetensors(folder, tensors, get, { name: "other" })).toEqual([
      "other.safetensors",
    ]);
  });

  it("never mixes a model with another, and leaves no index where it fails", async () => {
    await writeShardedSafetensors(folder, tensors, get);
    await expect(writeShardedSafetensors(folder, tensors, get, { shardBytes: 1 })).rejects.toEqual(
      refusal(/must hold no model of this name yet, got "model.safetensors"/),
    );
    const fails = (name: string): SafetensorsTensor => {
      if (name === "c") throw new Error("it broke");
      return get(name);
    };
    await expect(
      writeShardedSafetensors(folder, tensors, fails, { name: "x", shardBytes: 1 }),
    ).rejects.toThrow("it broke");
    expect((await readdir(folder)).sort()).toEqual([
      "model.safetensors",
      "x-00001-of-00003.safetensors",
      "x-00002-of-00003.safetensors",
    ]);
    for (const name of ["../x", "", "a/b"]) {
      await expect(writeShardedSafetensors(folder, tensors, get, { name })).rejects.toMatchObject({
        code: "ERR_SAFETENSORS",
      });
    }
    await expect(writeShardedSafetensors(folder, tensors, get, { shardBytes: Number.NaN })).rejects.toThrow(
      "shardBytes must be above 0, got NaN",
    );
  });
});

describe("openSafetensorsShards", () => {
  it("reads a model whose files are blobs", async () => {
    const blobs = new Map([
      ["1.safetensors", new Blob([encodeSafetensors([...tensors].slice(0, 2))])],
      ["2.safetensors", new Blob([encodeSafetensors([...tensors].slice(2))])],
    ]);
    const index = bytesOf(
      JSON.stringify({ weight_map: { c: "2.safetensors", a: "1.safetensors", b: "1.safetensors" } }),
    );
    const open = await openSafetensorsShards(index, (file) => blobSource(blobs.get(file)!));
    expect([...open.tensors].map(([name, { file, dtype }]) => [name, file, dtype])).toEqual([
      ["c", "2.safetensors", "I64"],
      ["a", "1.safetensors", "F32"],
      ["b", "1.safetensors", "U8"],
    ]);
    for (const [name, tensor] of tensors) expect(await open.read(name)).toEqual(tensor);
    await expect(open.read("d")).rejects.toEqual(refusal(/must have the tensor "d", got none/));
  });
});

describe("openSafetensorsModel", () => {
  it("prefers the whole file, and follows links inside the folder", async () => {
    await model();
    const sharded = await openSafetensorsModel(folder);
    expect(await sharded.read("c")).toEqual(get("c"));
    await sharded.close();
    await sharded.close();
    await writeSafetensors(join(folder, "blob"), [["whole", get("a")]]);
    await symlink("blob", join(folder, "model.safetensors"));
    const whole = await openSafetensorsModel(folder);
    expect([...whole.tensors.keys()]).toEqual(["whole"]);
    expect(await whole.read("whole")).toEqual(get("a"));
    await whole.close();
  });

  it("closes what it opened, also where it refuses", async ({ skip }) => {
    const open = await readdir("/proc/self/fd").catch(() => null);
    if (open === null) skip("this system does not tell which files are open");
    await model({ a: "1.safetensors", b: "1.safetensors", d: "2.safetensors" });
    await expect(openSafetensorsModel(folder)).rejects.toThrow();
    expect((await readdir("/proc/self/fd")).length).toBe(open?.length);
  });

  const map = { a: "1.safetensors", b: "1.safetensors", c: "2.safetensors" };
  const faults: [string, object, RegExp][] = [
    [
      "a shard that is missing",
      { ...map, c: "3.safetensors" },
      /name files that are there, got "3.safetensors"/,
    ],
    [
      "a tensor that the index leaves out",
      { a: map.a, c: map.c },
      /name every tensor of "1.safetensors" there, got it without "b"/,
    ],
    [
      "a tensor that no shard has",
      { ...map, d: "2.safetensors" },
      /tensors that their files have, such as "2.safetensors", got also "d"/,
    ],
    ["a tensor in another shard than the index says", { ...map, b: "2.safetensors" }, /got it without "b"/],
    ["a shard by ../", { ...map, c: "../2.safetensors" }, /plain names, got "..\/2.safetensors"/],
    ["a shard by ..\\", { ...map, c: "..\\2.safetensors" }, /plain names/],
    ["a shard by an absolute path", { ...map, c: "/etc/2.safetensors" }, /plain names/],
    ["a shard on a drive", { ...map, c: "C:2.safetensors" }, /plain names/],
    ["a shard in a folder below", { ...map, c: "x/2.safetensors" }, /plain names/],
    ["a shard by a URL", { ...map, c: "https://example.org/2.safetensors" }, /plain names/],
    ["a shard with NUL in its name", { ...map, c: "2\0.safetensors" }, /plain names/],
    [
      "a shard with a name of 1 MB",
      { ...map, c: `${"n".repeat(1e6)}.safetensors` },
      /plain names, got "n+…"/,
    ],
    ["an index that names itself", { ...map, c: "model.safetensors.index.json" }, /name .safetensors files/],
    [
      "pickled shards",
      { ...map, c: "pytorch_model-2.bin" },
      /can run code when they are read: convert them, model.save_pretrained/,
    ],
  ];
  for (const [fault, index, message] of faults) {
    trial({ number: 21, fault }, async () => {
      await model(index);
      await expect(openSafetensorsModel(folder)).rejects.toEqual(refusal(message));
    });
  }

  trial(
    { number: 21, fault: "a shard, an index and a model that links lead out of the folder" },
    async () => {
      const outside = await mkdtemp(join(tmpdir(), "safetensors-outside-"));
      try {
        await model();
        for (const name of ["2.safetensors", "model.safetensors.index.json"]) {
          await rename(join(folder, name), join(outside, name));
          await symlink(join(outside, name), join(folder, name));
          await expect(openSafetensorsModel(folder)).rejects.toEqual(refusal(/got a link to somewhere else/));
        }
        await symlink(join(outside, "2.safetensors"), join(folder, "model.safetensors"));
        await expect(openSafetensorsModel(folder)).rejects.toEqual(refusal(/got a link to somewhere else/));
      } finally {
        await rm(outside, { recursive: true });
      }
    },
  );

  trial({ number: 21, fault: "links that lead in a circle" }, async () => {
    await model();
    await rm(join(folder, "2.safetensors"));
    await symlink("3.safetensors", join(folder, "2.safetensors"));
    await symlink("2.safetensors", join(folder, "3.safetensors"));
    await expect(openSafetensorsModel(folder)).rejects.toEqual(refusal(/links that lead in a circle/));
  });

  trial({ number: 21, fault: "a folder in place of a shard" }, async () => {
    await model();
    await rm(join(folder, "2.safetensors"));
    await mkdir(join(folder, "2.safetensors"));
    await expect(openSafetensorsModel(folder)).rejects.toEqual(refusal(/must be a regular file/));
  });

  trial({ number: 21, fault: "one file under two names" }, async () => {
    await model({ ...map, d: "3.safetensors" });
    await symlink("2.safetensors", join(folder, "3.safetensors"));
    await expect(openSafetensorsModel(folder)).rejects.toEqual(refusal(/got it without "c"/));
  });

  trial({ number: 21, fault: "1 million shards" }, async () => {
    const names = Array.from({ length: 1_000_000 }, (_, i) => `"${i}":"${i}.safetensors"`);
    const bytes = bytesOf(`{"weight_map":{${names}}}`);
    const started = process.cpuUsage();
    expect(() => parseShardIndex(bytes)).toThrow(refusal(/name at most 4096 files, got more/));
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(1000); // milliseconds of this process alone
    await writeFile(indexPath(), bytes);
    await expect(openSafetensorsModel(folder)).rejects.toEqual(refusal(/name at most 4096 files, got more/));
    await expect(openShardedSafetensors(indexPath(), { indexBytes: 1e6 })).rejects.toEqual(
      refusal(/index must have at most 1000000 bytes, got \d+/),
    );
  });

  trial({ number: 21, fault: "pickled weights in place of safetensors" }, async () => {
    await writeFile(join(folder, "pytorch_model.bin"), "PK\x03\x04pickled");
    await expect(openSafetensorsModel(folder)).rejects.toEqual(
      refusal(/got neither; pytorch_model.bin is not read, since such files can run code: convert it/),
    );
    await rename(join(folder, "pytorch_model.bin"), join(folder, "model.safetensors"));
    await expect(openSafetensorsModel(folder)).rejects.toEqual(
      refusal(/looks like a zip archive, as PyTorch's pickled weights are: convert it where you trust it/),
    );
  });
});
