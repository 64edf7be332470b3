import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors, type SafetensorsTensor } from "../src/index.js";
import { openSafetensors, readSafetensors, writeSafetensors, writeSafetensorsStream } from "../src/node.js";
import { bits } from "./arbitraries.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "safetensors-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const tensors: [string, SafetensorsTensor][] = [
  ["mask", { dtype: "BOOL", shape: [3], data: Uint8Array.of(1, 0, 1) }],
  ["weights", { dtype: "F32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
  ["ids", { dtype: "I64", shape: [1], data: BigInt64Array.of(-5n) }],
];

describe("writeSafetensors and readSafetensors", () => {
  it("write and read what encode and decode do", async () => {
    const path = join(folder, "a.safetensors");
    await writeSafetensors(path, tensors, { note: "n" });
    expect(new Uint8Array(await readFile(path))).toEqual(encodeSafetensors(tensors, { note: "n" }));
    const file = await readSafetensors(path);
    expect([...file.tensors]).toEqual(tensors);
    expect(file.metadata["note"]).toBe("n");
    expect(await readdir(folder)).toEqual(["a.safetensors"]);
  });

  it("replaces an older file", async () => {
    const path = join(folder, "a.safetensors");
    await writeSafetensors(path, tensors);
    await writeSafetensors(path, tensors.slice(0, 1));
    expect((await readSafetensors(path)).tensors.size).toBe(1);
  });

  it("leaves the old file and nothing else where the tensors cannot be written", async () => {
    const path = join(folder, "a.safetensors");
    await writeSafetensors(path, tensors);
    const bad = { dtype: "F32", shape: [3], data: Float32Array.of(1) } as const;
    await expect(writeSafetensors(path, [["bad", bad]])).rejects.toMatchObject({ code: "ERR_SAFETENSORS" });
    expect((await readSafetensors(path)).tensors.size).toBe(3);
    expect(await readdir(folder)).toEqual(["a.safetensors"]);
  });

  it("cleans up and names path, size and cause where the target cannot be replaced", async () => {
    const path = join(folder, "taken");
    await mkdir(join(path, "inside"), { recursive: true });
    await expect(writeSafetensors(path, tensors)).rejects.toMatchObject({
      code: "ERR_SAFETENSORS",
      message: expect.stringMatching(/cannot write .*taken \(\d+ bytes\): E/),
      cause: expect.objectContaining({ code: expect.stringMatching(/^E/) }),
    });
    expect(await readdir(folder)).toEqual(["taken"]);
  });

  it("cleans up where the folder does not exist", async () => {
    const path = join(folder, "none", "a.safetensors");
    await expect(writeSafetensors(path, tensors)).rejects.toMatchObject({
      code: "ERR_SAFETENSORS",
      cause: expect.objectContaining({ code: "ENOENT" }),
    });
  });

  it("refuses a file that ends early or goes on behind its data", async () => {
    const path = join(folder, "a.safetensors");
    await writeSafetensors(path, tensors);
    const whole = await readFile(path);
    await truncate(path, whole.length - 1);
    await expect(readSafetensors(path)).rejects.toMatchObject({ code: "ERR_SAFETENSORS" });
    await writeFile(path, Buffer.concat([whole, Buffer.of(0)]));
    await expect(readSafetensors(path)).rejects.toThrow(/got 1 bytes more/);
    await writeFile(path, "");
    await expect(readSafetensors(path)).rejects.toThrow(/at least 8 bytes, got 0/);
    await expect(openSafetensors(path)).rejects.toThrow(/at least 8 bytes, got 0/);
  });

  it("refuses an announced header of 9 MB in a short file before setting memory aside", async () => {
    const path = join(folder, "bomb.safetensors");
    const bytes = Buffer.alloc(16);
    bytes.writeBigUInt64LE(9_000_000n);
    await writeFile(path, bytes);
    await expect(readSafetensors(path)).rejects.toThrow(/must end inside the file of 16 bytes/);
  });
});

describe("writeSafetensorsStream", () => {
  const get = (name: string): SafetensorsTensor => new Map(tensors).get(name) as SafetensorsTensor;

  it("writes what writeSafetensors does, tensor by tensor", async () => {
    const path = join(folder, "a.safetensors");
    await writeSafetensorsStream(path, tensors, async (name) => get(name), { note: "n" });
    expect(new Uint8Array(await readFile(path))).toEqual(encodeSafetensors(tensors, { note: "n" }));
  });

  it("leaves the old file and nothing else where a tensor cannot be had", async () => {
    const path = join(folder, "a.safetensors");
    await writeSafetensors(path, tensors.slice(0, 1));
    const broken = (name: string): SafetensorsTensor => {
      if (name === "mask") throw new Error("it broke");
      return get(name);
    };
    await expect(writeSafetensorsStream(path, tensors, broken)).rejects.toThrow(/^it broke$/);
    expect((await readSafetensors(path)).tensors.size).toBe(1);
    expect(await readdir(folder)).toEqual(["a.safetensors"]);
  });
});

describe("writeSafetensors on a full disk", () => {
  it("keeps the old file and leaves no staging file behind", async (context) => {
    const disk = join(folder, "disk");
    await mkdir(disk);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], { stdio: "ignore" });
    } catch {
      context.skip("needs the right to mount a small file system");
    }
    try {
      const path = join(disk, "a.safetensors");
      await writeSafetensors(path, tensors);
      const large = { dtype: "F32", shape: [2 ** 20], data: new Float32Array(2 ** 20) } as const;
      await expect(writeSafetensors(path, [["large", large]])).rejects.toMatchObject({
        code: "ERR_SAFETENSORS",
        message: expect.stringContaining(path),
        cause: expect.objectContaining({ code: "ENOSPC" }),
      });
      expect((await readSafetensors(path)).tensors.size).toBe(3);
      expect(await readdir(disk)).toEqual(["a.safetensors"]);
    } finally {
      execFileSync("umount", [disk]);
    }
  });
});

describe("openSafetensors", () => {
  it("reads single tensors, in any order and at once", async () => {
    const path = join(folder, "a.safetensors");
    await writeSafetensors(path, tensors);
    const file = await openSafetensors(path);
    try {
      expect([...file.tensors.keys()]).toEqual(["mask", "weights", "ids"]);
      const read = await Promise.all(["ids", "mask", "weights", "ids"].map((name) => file.read(name)));
      const whole = decodeSafetensors(new Uint8Array(await readFile(path))).tensors;
      for (const [i, name] of ["ids", "mask", "weights", "ids"].entries()) {
        expect(bits(read[i]!)).toEqual(bits(whole.get(name)!));
      }
      await expect(file.read("../../x")).rejects.toThrow(/must have the tensor "..\/..\/x", got none/);
    } finally {
      await file.close();
      await file.close();
    }
  });

  it("reads a tensor that lies beyond 4 GiB", async () => {
    const path = join(folder, "large.safetensors");
    const size = 4_500_000_001;
    const offsets = [
      [0, size],
      [size, size + 8],
    ];
    const header = `{"large":{"dtype":"U8","shape":[${size}],"data_offsets":[${offsets[0]}]},"last":{"dtype":"I16","shape":[2,2],"data_offsets":[${offsets[1]}]}}`;
    const handle = await open(path, "w");
    try {
      const prefix = Buffer.alloc(8);
      prefix.writeBigUInt64LE(BigInt(header.length));
      await handle.write(prefix, 0, 8, 0);
      await handle.write(header, 8);
      await handle.write(Uint8Array.of(1, 0, 255, 255, 3, 1, 0, 128), 0, 8, 8 + header.length + size); // sparse before
    } finally {
      await handle.close();
    }
    const file = await openSafetensors(path);
    try {
      expect(file.fileBytes).toBe(8 + header.length + size + 8);
      expect((await file.read("last")).data).toEqual(Int16Array.of(1, -1, 259, -32768));
    } finally {
      await file.close();
    }
  });

  it("says so where a tensor does not fit into memory", async () => {
    const path = join(folder, "huge.safetensors");
    const size = 2 ** 43;
    const header = `{"huge":{"dtype":"F32","shape":[${size / 4}],"data_offsets":[0,${size}]}}`;
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(BigInt(header.length));
    await writeFile(path, Buffer.concat([prefix, Buffer.from(header)]));
    await truncate(path, 8 + header.length + size);
    const file = await openSafetensors(path);
    try {
      await expect(file.read("huge")).rejects.toMatchObject({
        code: "ERR_SAFETENSORS",
        message: expect.stringMatching(/8796093022208 bytes of .* must fit into memory/),
      });
    } finally {
      await file.close();
    }
  });

  it("refuses a pipe, a folder and a device without reading them", async ({ skip }) => {
    if (process.platform === "win32") return skip("Windows has no pipes in folders");
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    for (const path of [pipe, folder, "/dev/zero"]) {
      await expect(openSafetensors(path)).rejects.toMatchObject({
        code: "ERR_SAFETENSORS",
        message: expect.stringContaining("must be a regular file"),
      });
    }
  });

  it("says so when the file shrinks under it", async () => {
    const path = join(folder, "a.safetensors");
    await writeSafetensors(path, tensors);
    const file = await openSafetensors(path);
    try {
      await truncate(path, 200);
      await expect(file.read("mask")).rejects.toThrow(/must keep its size while it is read/);
    } finally {
      await file.close();
    }
  });
});
