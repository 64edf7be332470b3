import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRng } from "@infinite-former/random";
import { initLinear, leaves } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { initAdamW } from "./adamw.js";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.js";
import { writeCheckpointFiles } from "./checkpoint-files.js";
import type { CheckpointState } from "./checkpoint-state.js";
import { findNewestCheckpoint, pruneCheckpoints } from "./find-checkpoint.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "checkpoint-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const trees = (seed: number) => {
  const rng = createRng(seed);
  const model = {
    layers: [
      initLinear({ inputs: 3, outputs: 2, bias: true }, rng),
      initLinear({ inputs: 2, outputs: 2 }, rng),
    ],
  };
  const memory = { rows: tf.tensor2d([0.1, -0, 3e-45, 1e38], [2, 2]), ages: tf.tensor1d([3, -1], "int32") };
  return { model, optimizer: initAdamW(model), memory };
};
const state = (step: number, change: object = {}): CheckpointState => ({
  step,
  tokens: 100 * step,
  seconds: 1.5,
  random: { seed: 7 },
  data: { epoch: 0, step },
  config: { model: { layers: 2 } },
  ...change,
});
const bits = (tree: object) =>
  leaves(tree).map(({ path, tensor }) => [path, tensor.dtype, tensor.shape, [...tensor.dataSync()]]);
const fault = (message: string | RegExp, more: object = {}) =>
  expect.objectContaining({ code: "ERR_CHECKPOINT", message: expect.stringMatching(message), ...more });

describe("saveCheckpoint and loadCheckpoint", () => {
  it("give back every tensor bit for bit, and the state", async () => {
    const saved = trees(1);
    const notes = { best: 1.5, text: "é\u2028" };
    const { path, step, bytes } = await saveCheckpoint(folder, saved, state(12, { notes }));
    expect([path, step]).toEqual([join(folder, "step-12"), 12]);
    const names = await readdir(path);
    expect(names.sort()).toEqual([
      "memory.safetensors",
      "model.safetensors",
      "optimizer.safetensors",
      "state.json",
    ]);
    const sizes = await Promise.all(names.map(async (name) => (await readFile(join(path, name))).length));
    expect(bytes).toBe(sizes.reduce((a, b) => a + b));
    const loaded = await loadCheckpoint(path, trees(2));
    expect(bits(loaded.trees)).toEqual(bits(saved));
    expect(Object.is(leaves(loaded.trees.memory)[0]!.tensor.dataSync()[1], -0)).toBe(true);
    expect(loaded.state).toMatchObject(state(12, { notes }));
    expect(await readdir(folder)).toEqual(["step-12"]);
  });

  it("write no file for a tree without tensors, and load only what is asked for", async () => {
    const { model } = trees(1);
    const { path } = await saveCheckpoint(folder, { model, memory: {} }, state(1));
    expect((await readdir(path)).sort()).toEqual(["model.safetensors", "state.json"]);
    const loaded = await loadCheckpoint(path, { model, memory: { none: [] } });
    expect(bits(loaded.trees.model)).toEqual(bits(model));
    expect(loaded.trees.memory).toEqual({ none: [] });
    await expect(loadCheckpoint(path, { optimizer: initAdamW(model) })).rejects.toEqual(
      fault(/has no optimizer\.safetensors, only model\.safetensors/),
    );
  });

  it("take a tensor's value at the call, whatever is disposed after", async () => {
    const tree = { model: { w: tf.tensor1d([1, 2, 3]) } };
    const saving = saveCheckpoint(folder, tree, state(1));
    tree.model.w.dispose();
    const { path } = await saving;
    const { trees: loaded } = await loadCheckpoint(path, { model: { w: tf.zeros([3]) } });
    expect([...loaded.model.w.dataSync()]).toEqual([1, 2, 3]);
  });

  it("leave no tensors behind, whether loading succeeds or not", async () => {
    const like = trees(1);
    const { path } = await saveCheckpoint(folder, like, state(1));
    const before = tf.memory().numTensors;
    const { trees: loaded } = await loadCheckpoint(path, like);
    expect(tf.memory().numTensors).toBe(before + leaves(loaded).length);
    tf.dispose(leaves(loaded).map(({ tensor }) => tensor));
    const other = { ...like, memory: { ...like.memory, ages: tf.zeros([3], "int32") } };
    await expect(loadCheckpoint(path, other)).rejects.toThrow();
    expect(tf.memory().numTensors).toBe(before + 1); // `ages`
  });

  it("replace a checkpoint of the same step whole", async () => {
    await saveCheckpoint(folder, trees(1), state(3));
    const { path } = await saveCheckpoint(folder, trees(2), state(3, { seconds: 9 }));
    const loaded = await loadCheckpoint(path, trees(3));
    expect(bits(loaded.trees)).toEqual(bits(trees(2)));
    expect(loaded.state.seconds).toBe(9);
    expect(await readdir(folder)).toEqual(["step-3"]);
  });

  it("refuse NaN and infinity, naming the tensor, before anything is written", async () => {
    const tree = { model: { layers: [{ gain: tf.tensor1d([1, Number.NaN]) }] } };
    await expect(saveCheckpoint(join(folder, "new"), tree, state(1))).rejects.toMatchObject({
      code: "ERR_NON_FINITE",
      path: "model.layers.0.gain",
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it("refuse a state that could not be continued from", async () => {
    const { model } = trees(1);
    for (const field of ["random", "data", "config"]) {
      await expect(saveCheckpoint(folder, { model }, state(1, { [field]: undefined }))).rejects.toEqual(
        fault(`state.${field} must be given`),
      );
    }
    await expect(saveCheckpoint(folder, { model }, state(0.5))).rejects.toEqual(fault("integer"));
    expect(await readdir(folder)).toEqual([]);
  });

  it("name the path that cannot be written", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    await expect(saveCheckpoint(join(file, "checkpoints"), trees(1), state(1))).rejects.toEqual(
      fault(/file.checkpoints.*could not be written \(a checkpoint of \d+ bytes\)/),
    );
  });
});

describe("loadCheckpoint of a damaged or foreign checkpoint", () => {
  it("names the file in which a single byte was flipped, wherever that is", async () => {
    const { path } = await saveCheckpoint(folder, trees(1), state(5));
    for (const name of await readdir(path)) {
      const file = join(path, name);
      const good = await readFile(file);
      const rng = createRng(3).split(name);
      for (let trial = 0; trial < 12; trial++) {
        const bad = Buffer.from(good);
        bad[rng.integer(0, bad.length)]! ^= 1 << rng.integer(0, 8);
        await writeFile(file, bad);
        await expect(loadCheckpoint(path, trees(1))).rejects.toEqual(fault(name, { file }));
      }
      await writeFile(file, good);
    }
    await loadCheckpoint(path, trees(1));
  });

  it("names the file that is missing or cut off", async () => {
    const { path } = await saveCheckpoint(folder, trees(1), state(5));
    for (const name of await readdir(path)) {
      const file = join(path, name);
      const good = await readFile(file);
      await rm(file);
      await expect(loadCheckpoint(path, trees(1))).rejects.toEqual(fault(/is missing/, { file }));
      await writeFile(file, good.subarray(0, good.length - 1));
      await expect(loadCheckpoint(path, trees(1))).rejects.toEqual(fault("damaged", { file }));
      await writeFile(file, good);
    }
    await expect(loadCheckpoint(join(folder, "none"), trees(1))).rejects.toEqual(fault("is missing"));
  });

  it("names every tensor that another configuration would have otherwise", async () => {
    const { model } = trees(1);
    const { path } = await saveCheckpoint(folder, { model }, state(5));
    const [first, second] = model.layers;
    const wider = { layers: [{ ...first!, kernel: tf.zeros([4, 2]) }, second!] };
    await expect(loadCheckpoint(path, { model: wider })).rejects.toEqual(
      fault(/must have layers\.0\.kernel as F32 \[4, 2\], got F32 \[3, 2\]/, { tensor: "layers.0.kernel" }),
    );
    await expect(loadCheckpoint(path, { model: { layers: [first!] } })).rejects.toEqual(
      fault(/has layers\.1\.kernel, which the model lacks/),
    );
    await expect(loadCheckpoint(path, { model: { ...model, gate: tf.zeros([1]) } })).rejects.toEqual(
      fault(/has no gate F32 \[1\]/),
    );
    const whole = { layers: [{ ...first!, bias: tf.zeros([2], "int32") }, second!] };
    await expect(loadCheckpoint(path, { model: whole })).rejects.toEqual(
      fault(/bias as I32 \[2\], got F32 \[2\]/),
    );
    const all = (count: number) => Array.from({ length: count }, () => tf.zeros([1]));
    const more = (await saveCheckpoint(folder, { model: { gates: all(1) } }, state(6))).path;
    const message = (count: number): Promise<string> =>
      loadCheckpoint(more, { model: { gates: all(count) } }).catch((error: Error) => error.message) as never;
    expect(await message(101)).toMatch(/has no gates\.1 F32.*; has no gates\.100 F32 \[1\]: it belongs/);
    expect(await message(103)).toMatch(/has no gates\.100 F32 \[1\]; and 2 more: it belongs/);
  });
});

describe("loadCheckpoint of what is no checkpoint's file", () => {
  const write = async (content: Uint8Array): Promise<string> => {
    const { path } = await saveCheckpoint(folder, { model: trees(1).model }, state(5));
    await writeFile(join(path, "model.safetensors"), content);
    return path;
  };
  const refusal = async (path: string): Promise<string> => {
    const error = await loadCheckpoint(path, { model: trees(1).model }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "ERR_CHECKPOINT", file: join(path, "model.safetensors") });
    return (error as Error).message.replace(folder, "");
  };

  it("names pickled weights, and how they are converted", async () => {
    const begin = "loadCheckpoint: /step-5/model.safetensors must be a safetensors file, got one of";
    for (const [name, bytes] of [
      ["a pickle, which can run code", [0x80, 0x02, 0x7d, 0x71, 0, 0x58, 1, 0, 0, 0, 0x61]],
      ["a pickle, which can run code", [0x80, 0x04, 0x95, 10, 0, 0, 0, 0, 0, 0, 0, 0x7d]],
      ["a zip archive, as PyTorch's pickled weights are", [0x50, 0x4b, 3, 4, 0, 0, 8, 8, 0, 0]],
    ] as const) {
      const path = await write(Uint8Array.from(bytes));
      const convert = "convert it where you trust it: safetensors.torch.save_file(torch.load(";
      expect(await refusal(path)).toContain(
        `${begin} ${bytes.length} bytes; it looks like ${name}: ${convert}`,
      );
      const size = (await readFile(join(path, "state.json"), "utf8")).match(/"bytes": (\d+)/)?.[1];
      const long = new Uint8Array(Number(size));
      long.set(bytes);
      expect(await refusal(await write(long))).toContain(`${begin} ${size} bytes; it looks like ${name}: `);
    }
  });

  it("takes no file cut short for another's, whatever the size of its header", async () => {
    for (const size of [0x0280, 0x0380, 0x01003c, 0x800280]) {
      const bytes = new Uint8Array(20);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(size), true);
      expect(await refusal(await write(bytes))).toMatch(/ bytes, got 20: the file is damaged$/);
    }
  });

  it("names a directory in a file's place", async () => {
    const path = await write(Uint8Array.of(1));
    await rm(join(path, "model.safetensors"));
    await mkdir(join(path, "model.safetensors"));
    expect(await refusal(path)).toBe(
      "loadCheckpoint: /step-5/model.safetensors must be a file, got a directory: this is no whole checkpoint",
    );
  });

  it("says what is wrong within a file without the name of the function that found it", async () => {
    const path = await write(new Uint8Array(8));
    const bytes = new TextEncoder().encode("no safetensors");
    await writeCheckpointFiles(folder, new Map([["model.safetensors", bytes]]), state(5));
    expect(await refusal(path)).toMatch(/model\.safetensors header must have at most/);
  });
});

describe("findNewestCheckpoint", () => {
  it("finds none in an empty or missing folder, and heeds only whole names", async () => {
    expect(await findNewestCheckpoint(folder)).toEqual({ newest: null, passedOver: [] });
    expect((await findNewestCheckpoint(join(folder, "none"))).newest).toBeNull();
    const { path } = await saveCheckpoint(folder, trees(1), state(2));
    for (const name of ["step-x", "step-03", ".step-9.1-1-1.partial", "step-4.bak", "best"]) {
      await rename((await saveCheckpoint(folder, trees(1), state(9))).path, join(folder, name));
    }
    expect(await findNewestCheckpoint(folder)).toMatchObject({ newest: { path, step: 2 }, passedOver: [] });
  });

  it("takes the newest whole one by number, and says what it passed over and why", async () => {
    for (const step of [9, 10, 100, 200]) await saveCheckpoint(folder, trees(step), state(step));
    await rm(join(folder, "step-200", "state.json"));
    const file = join(folder, "step-100", "optimizer.safetensors");
    const bytes = await readFile(file);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(file, bytes);
    const { newest, passedOver } = await findNewestCheckpoint(folder);
    expect(newest).toMatchObject({ path: join(folder, "step-10"), step: 10, state: { data: { step: 10 } } });
    expect(passedOver.map(({ step }) => step)).toEqual([200, 100]);
    expect(passedOver[0]!.reason).toMatch(/step-200.state\.json is missing/);
    expect(passedOver[1]!.reason).toMatch(/optimizer\.safetensors does not match its checksum/);
  });
});

describe("pruneCheckpoints", () => {
  it("keeps the newest and the best", async () => {
    for (const step of [1, 2, 3, 10, 11])
      await saveCheckpoint(folder, { model: trees(1).model }, state(step));
    expect(await pruneCheckpoints(folder, { keep: 2, best: 2 })).toEqual([3, 1]);
    expect((await readdir(folder)).sort()).toEqual(["step-10", "step-11", "step-2"]);
    expect(await pruneCheckpoints(folder, { keep: 1, best: null })).toEqual([10, 2]);
    await expect(pruneCheckpoints(folder, { keep: 0 })).rejects.toMatchObject({
      code: "ERR_CONFIG",
      path: "keep",
    });
  });

  it("neither counts nor deletes what stands after the step that was saved", async () => {
    for (const step of [1, 2, 3, 10]) await saveCheckpoint(folder, { model: trees(1).model }, state(step));
    expect(await pruneCheckpoints(folder, { keep: 1, step: 3 })).toEqual([2, 1]);
    expect((await readdir(folder)).sort()).toEqual(["step-10", "step-3"]);
  });
});
