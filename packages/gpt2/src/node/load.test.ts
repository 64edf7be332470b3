import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRng } from "@infinite-former/random";
import { readSafetensors, writeSafetensors } from "@infinite-former/safetensors/node";
import { disposeTree, leaves } from "@infinite-former/tensor";
import { trial } from "@infinite-former/tooling-vitest/trial";
import { crossEntropy, valueAndGrad } from "@infinite-former/training";
import { meanPenalty } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { batchOf, feed, smallCompressed, smallGpt2, smallMemory, tokens } from "../../test/model.js";
import { disposeGpt2 } from "../gpt2.js";
import { type Gpt2Model, gpt2 } from "../model.js";
import { gpt2Files, loadGpt2, saveGpt2 } from "../node.js";
import { initialState } from "../state.js";

let folder: string;
let outside: string;
let before = 0;
beforeEach(async () => {
  [folder, outside] = [
    await mkdtemp(join(tmpdir(), "gpt2-")),
    await mkdtemp(join(tmpdir(), "gpt2-outside-")),
  ];
  before = tf.memory().numTensors;
});
afterEach(async () => {
  expect(tf.memory().numTensors).toBe(before);
  for (const path of [folder, outside]) await rm(path, { recursive: true });
});

const numbers = ({ params }: Gpt2Model): unknown[] =>
  leaves(params)
    .map(({ path, tensor }) => [path, [...tensor.dataSync()]])
    .sort();
const weights = (): string => join(folder, "model.safetensors");
const refused = { code: "ERR_GPT2_FOLDER" };

/** Saves a small model and frees it. */
async function saved(options: Parameters<typeof smallGpt2>[0] = {}): Promise<unknown[]> {
  const model = smallGpt2(options);
  await saveGpt2(folder, model);
  const own = numbers(model);
  disposeGpt2(model);
  return own;
}

describe("loadGpt2", () => {
  it("gives back what saveGpt2 wrote, whose files it writes again byte for byte", async () => {
    const some = { longTerm: { ...smallMemory.longTerm, gate: true, layers: [1] } };
    const cases = [{}, { tiedOutput: false, ...smallMemory }, some, smallCompressed];
    for (const options of cases) {
      const own = await saved(options);
      const bytes = await Promise.all(
        ["config.json", "model.safetensors"].map((name) => readFile(join(folder, name))),
      );
      const model = await loadGpt2(folder);
      expect(numbers(model)).toEqual(own);
      await saveGpt2(folder, model);
      for (const [index, name] of ["config.json", "model.safetensors"].entries()) {
        expect((await readFile(join(folder, name))).equals(bytes[index] as Buffer)).toBe(true);
      }
      disposeGpt2(model);
    }
  });

  it("adds a memory drawn from a generator to a plain checkpoint, and the same from the same", async () => {
    const own = await saved();
    const options = { ...smallMemory };
    await expect(loadGpt2(folder, options)).rejects.toMatchObject({ code: "ERR_CONFIG", path: "rng" });
    const [a, b] = [
      await loadGpt2(folder, { ...options, rng: createRng(3) }),
      await loadGpt2(folder, { ...options, rng: createRng(3) }),
    ];
    expect(numbers(a)).toEqual(numbers(b));
    expect(numbers(a).filter((entry) => !`${(entry as string[])[0]}`.includes("longTerm"))).toEqual(own);
    expect(a.config.longTerm).toMatchObject({ basisCount: 8 });
    expect(leaves(a.params).filter(({ path }) => path.includes("longTerm")).length).toBe(14);
    for (const model of [a, b]) disposeGpt2(model);
  });

  it.each([
    ["long-term", smallMemory],
    ["sticky, in one layer", { longTerm: { ...smallMemory.longTerm, sampling: "sticky", layers: [1] } }],
    ["compressed", smallCompressed],
  ] as const)(
    "adds a silent %s memory that changes no bit of what is answered, and learns",
    async (_, options) => {
      await saved();
      const adding = { ...options, rng: createRng(3) };
      const [plain, silent, loud] = [
        await loadGpt2(folder),
        await loadGpt2(folder, { ...adding, memoryStart: "silent" }),
        await loadGpt2(folder, adding),
      ];
      const segments = [tokens(15, 1), tokens(15, 2)];
      const [a, b, c] = [plain, silent, loud].map((model) => {
        const { logits, state } = feed(model, segments, [5, 5, 5], initialState(model.config, 2));
        disposeTree(state);
        return logits;
      });
      expect(b).toEqual(a);
      expect(c).not.toEqual(a);
      const { state } = feed(silent, segments, [5, 5, 5], initialState(silent.config, 2));
      const text = batchOf([tokens(5, 3), tokens(5, 4)]);
      const grads = valueAndGrad((params: Gpt2Model["params"]) => {
        const out = gpt2({ ...silent, params }, state, text, { auxiliary: true });
        const { loss } = crossEntropy(out.logits as tf.Tensor, text);
        return { loss: tf.addN([loss, meanPenalty(out), out.auxiliaryLoss ?? tf.scalar(0)]), aux: {} };
      })(silent.params);
      const output = leaves(grads.gradients).filter(({ path }) =>
        /(attention|compressed)\.output\.kernel$/.test(path),
      );
      const added = output.filter(({ path }) => /longTerm|compressed/.test(path));
      expect(added.length).toBeGreaterThan(0);
      for (const { path, tensor } of added)
        expect(Math.hypot(...tensor.dataSync()), path).toBeGreaterThan(1e-6);
      disposeTree([state, text, grads]);
      for (const model of [plain, silent, loud]) disposeGpt2(model);
    },
  );

  it("reads shards that an index names", async () => {
    const own = await saved();
    expect(await gpt2Files(folder)).toEqual(["config.json", "model.safetensors"]);
    const { tensors } = await readSafetensors(weights());
    const entries = [...tensors];
    const shards = { "a.safetensors": entries.slice(0, 9), "b.safetensors": entries.slice(9) };
    for (const [name, part] of Object.entries(shards)) await writeSafetensors(join(folder, name), part);
    const map = Object.fromEntries(
      Object.entries(shards).flatMap(([shard, part]) => part.map(([name]) => [name, shard])),
    );
    const write = (weight_map: object): Promise<void> =>
      writeFile(join(folder, "model.safetensors.index.json"), JSON.stringify({ metadata: {}, weight_map }));
    await rm(weights());
    await write(map);
    const model = await loadGpt2(folder);
    expect(numbers(model)).toEqual(own);
    disposeGpt2(model);
    expect((await gpt2Files(folder)).sort()).toEqual(["a.safetensors", "b.safetensors", "config.json"]);
  });

  it("opens nothing that a link leads to outside, but a link within", async () => {
    const own = await saved();
    await rename(weights(), join(folder, "blob"));
    await symlink("blob", weights());
    const model = await loadGpt2(folder);
    expect(numbers(model)).toEqual(own);
    disposeGpt2(model);
    await copyFile(join(folder, "blob"), join(outside, "model.safetensors"));
    await rm(weights());
    await symlink(join(outside, "model.safetensors"), weights());
    await expect(loadGpt2(folder)).rejects.toThrow(/must lie in .*, got a link to somewhere else/);
    await rm(join(folder, "config.json"));
    await symlink(join("..", "config.json"), join(folder, "config.json"));
    await expect(loadGpt2(folder)).rejects.toMatchObject(refused);
  });

  trial(
    { number: 21, fault: "GPT-2: an index that leads elsewhere or disagrees with its shards" },
    async () => {
      await saved();
      const { tensors } = await readSafetensors(weights());
      const [[first] = [], ...rest] = [...tensors.keys()].map((name) => [name, "a.safetensors"] as const);
      await rename(weights(), join(folder, "a.safetensors"));
      const open = async (map: Record<string, string>): Promise<void> => {
        const text = JSON.stringify({ weight_map: map });
        await writeFile(join(folder, "model.safetensors.index.json"), text);
        await loadGpt2(folder).then(disposeGpt2);
      };
      const map = Object.fromEntries(rest);
      await open({ ...map, [first as string]: "a.safetensors" });
      const faults: [Record<string, string>, RegExp][] = [
        [map, /index must name every tensor of "a.safetensors" there, got it without/],
        [
          { [first as string]: "b.safetensors", ...map },
          /must name files that are there, got "b.safetensors"/,
        ],
        [{ ...map, [first as string]: "../a.safetensors" }, /plain names, got "..\/a.safetensors"/],
        [{ ...map, [first as string]: "pytorch_model.bin" }, /such files can run code.*save_pretrained/],
      ];
      for (const [index, message] of faults) {
        await expect(open(index)).rejects.toMatchObject({
          code: "ERR_SAFETENSORS",
          message: expect.stringMatching(message),
        });
      }
    },
  );

  trial({ number: 21, fault: "GPT-2: pickled weights in place of safetensors" }, async () => {
    await saved();
    await rename(weights(), join(folder, "pytorch_model.bin"));
    await expect(loadGpt2(folder)).rejects.toThrow(
      /pytorch_model.bin is not read, since such files can run code: convert it .*save_pretrained/,
    );
  });

  it("refuses an option that there is not, before it opens anything", async () => {
    for (const [path, options] of [
      ["longterm", { longterm: { basisCount: 8 } }],
      ["memoryStart", { memoryStart: "loud" }],
    ] as const) {
      const load = loadGpt2(join(folder, "none"), options as unknown as Parameters<typeof loadGpt2>[1]);
      await expect(load).rejects.toMatchObject({ code: "ERR_CONFIG", path });
    }
  });

  it("says what is missing or malformed", async () => {
    await expect(loadGpt2(folder)).rejects.toThrow("must hold config.json, got none");
    await saved();
    await rm(weights());
    await expect(loadGpt2(folder)).rejects.toThrow(
      "must hold model.safetensors or model.safetensors.index.json, got neither",
    );
    await writeFile(weights(), "no safetensors");
    await expect(loadGpt2(folder)).rejects.toMatchObject({ code: "ERR_SAFETENSORS" });
    await writeFile(join(folder, "config.json"), Buffer.from('{"model_type":"gpt\xff2"}', "latin1"));
    await expect(loadGpt2(folder)).rejects.toMatchObject({
      ...refused,
      message: expect.stringMatching(/config.json must be JSON in UTF-8: .*not valid/),
    });
    await writeFile(join(folder, "config.json"), "{");
    await expect(loadGpt2(folder)).rejects.toThrow(/config.json must be JSON in UTF-8/);
    await writeFile(join(folder, "config.json"), '{"activation_function":"mish"}');
    await expect(loadGpt2(folder)).rejects.toMatchObject({ code: "ERR_CONFIG", path: "activation_function" });
    await rm(join(folder, "config.json"));
    await mkdir(join(folder, "config.json"));
    await expect(loadGpt2(folder)).rejects.toThrow("must be a regular file");
    await expect(loadGpt2(join(folder, "nowhere"))).rejects.toMatchObject(refused);
  });

  it("closes what it opened, also where it refuses", async ({ skip }) => {
    const open = await readdir("/proc/self/fd").catch(() => null);
    if (open === null) skip("this system does not tell which files are open");
    await saved();
    disposeGpt2(await loadGpt2(folder));
    await expect(loadGpt2(folder, { longTerm: { basisCount: 8 } })).rejects.toThrow("rng must be given");
    expect((await readdir("/proc/self/fd")).length).toBe(open?.length);
  });

  it("lists the weights that a file lacks and frees everything", async () => {
    await saved();
    const { tensors } = await readSafetensors(weights());
    await writeSafetensors(weights(), [...tensors].slice(1));
    await expect(loadGpt2(folder)).rejects.toMatchObject({
      code: "ERR_GPT2_LAYOUT",
      missing: [expect.any(String)],
    });
  });
});
