import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type SafetensorsTensor, toFloat32 } from "@infinite-former/safetensors";
import { readSafetensors, writeSafetensors } from "@infinite-former/safetensors/node";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { trial } from "@infinite-former/tooling-vitest/trial";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from "vitest";
import { disposeGpt2, gpt2, initialState } from "../src/index.js";
import { loadGpt2 } from "../src/node.js";

type Weights = Map<string, SafetensorsTensor>;

const fixtures = fileURLToPath(new URL("../../../tooling/golden/fixtures/", import.meta.url));
const saved = join(fixtures, "hf_gpt2_tiny"); // as `save_pretrained` of transformers wrote it

/** Half-precision bits of a number by cutting its fraction; the weights are small, so no exponent overflows. */
function halved(dtype: "F16" | "BF16", { shape, data }: SafetensorsTensor): SafetensorsTensor {
  const bits = new Uint32Array(Float32Array.from(data as Float32Array).buffer);
  const cut = (own: number): number => {
    if (dtype === "BF16") return own >>> 16;
    const exponent = ((own >>> 23) & 0xff) - 112;
    const sign = (own >>> 16) & 0x8000;
    return exponent <= 0 ? sign : sign | (exponent << 10) | ((own >>> 13) & 0x3ff);
  };
  return { dtype, shape, data: Uint16Array.from(bits, cut) };
}

describe("a GPT-2 in Hugging Face layout", () => {
  let folder: string;
  let weights: Weights;
  let ids: number[][];
  let want: Float32Array;
  let before: number;
  beforeAll(async () => {
    weights = new Map((await readSafetensors(join(saved, "model.safetensors"))).tensors);
    const { tensors } = await readSafetensors(join(fixtures, "hf_gpt2_tiny.safetensors"));
    const { shape, data } = tensors.get("ids") as SafetensorsTensor;
    const [rows, count] = shape as [number, number];
    const flat = Array.from(data as ArrayLike<number | bigint>, Number);
    ids = Array.from({ length: rows }, (_, row) => flat.slice(row * count, (row + 1) * count));
    want = toFloat32(tensors.get("logits") as SafetensorsTensor);
    folder = await mkdtemp(join(tmpdir(), "infinite-former-layouts-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  beforeEach(() => {
    before = tf.memory().numTensors;
  });
  afterEach(() => expect(tf.memory().numTensors).toBe(before));

  async function write(own: Weights, config: object = {}): Promise<void> {
    await copyFile(join(saved, "config.json"), join(folder, "config.json"));
    const json = JSON.parse(await readFile(join(saved, "config.json"), "utf8"));
    await writeFile(join(folder, "config.json"), JSON.stringify({ ...json, ...config }));
    await writeSafetensors(join(folder, "model.safetensors"), own);
  }
  async function logits(own: Weights, config: object = {}): Promise<Float32Array> {
    await write(own, config);
    const model = await loadGpt2(folder);
    const values = tf.tidy(() => {
      const out = gpt2(model, initialState(model.config, ids.length), tf.tensor2d(ids, undefined, "int32"));
      return (out.logits as tf.Tensor).dataSync() as Float32Array;
    });
    disposeGpt2(model);
    return values;
  }
  const limit = { abs: 1e-5, rel: 1e-5 };
  const bare = (own: Weights): Weights =>
    new Map([...own].map(([name, tensor]) => [name.replace(/^transformer\./, ""), tensor]));
  const head = (): [string, SafetensorsTensor] => [
    "lm_head.weight",
    weights.get("transformer.wte.weight") as SafetensorsTensor,
  ];
  const mask: SafetensorsTensor = { dtype: "BOOL", shape: [1, 1, 32, 32], data: new Uint8Array(1024) };
  const masks: [string, SafetensorsTensor][] = [
    ["transformer.h.0.attn.bias", mask],
    ["transformer.h.1.attn.bias", { ...mask, dtype: "U8" }],
    ["transformer.h.1.attn.masked_bias", { dtype: "F32", shape: [], data: Float32Array.of(-1e4) }],
  ];

  const layouts: [string, () => Weights, object?][] = [
    ["names with transformer., the tied head absent", () => weights],
    ["names without transformer.", () => bare(weights)],
    ["a tied head that is there", () => new Map([...weights, head()])],
    ["a head of its own", () => new Map([...weights, head()]), { tie_word_embeddings: false }],
    ["causal masks among the weights", () => new Map([...weights, ...masks])],
    ["masks, no prefix, names backwards", () => bare(new Map([...weights, ...masks].reverse()))],
  ];
  for (const [fault, own, config] of layouts) {
    trial({ number: 22, fault }, async () => {
      const got = await logits(own(), config);
      expect(got.length).toBe(want.length);
      expectClose(got, want, limit);
    });
  }

  for (const [dtype, near] of [
    ["F16", 0.01],
    ["BF16", 0.1],
  ] as const) {
    trial({ number: 22, fault: `weights in ${dtype}` }, async () => {
      const half = new Map([...weights].map(([name, tensor]) => [name, halved(dtype, tensor)]));
      const wide = new Map(
        [...half].map(([name, tensor]) => [
          name,
          { dtype: "F32", shape: tensor.shape, data: toFloat32(tensor) } as SafetensorsTensor,
        ]),
      );
      const got = await logits(half);
      expect(got).toEqual(await logits(wide));
      expectClose(got, want, { abs: near, rel: near });
      expect(got).not.toEqual(want);
    });
  }

  const c_fc = "transformer.h.0.mlp.c_fc.weight";
  const faults: [string, (own: Weights) => void, string[]][] = [
    [
      "weights that are missing",
      (own) => {
        own.delete("transformer.ln_f.bias");
        own.delete(c_fc);
      },
      ["missing: transformer.h.0.mlp.c_fc.weight", "missing: transformer.ln_f.bias"],
    ],
    [
      "a weight too many",
      (own) => own.set("transformer.h.2.ln_1.bias", own.get("transformer.ln_f.bias") as SafetensorsTensor),
      ["unexpected: transformer.h.2.ln_1.bias"],
    ],
    [
      "Conv1D weights that were transposed",
      (own) => own.set(c_fc, { ...(own.get(c_fc) as SafetensorsTensor), shape: [96, 24] }),
      [`misfit: ${c_fc} must be F32, F16, BF16, F64 [24, 96], got F32 [96, 24]`],
    ],
    [
      "quantised weights",
      (own) => own.set(c_fc, { dtype: "I8", shape: [24, 96], data: new Int8Array(24 * 96) }),
      [`misfit: ${c_fc} must be F32, F16, BF16, F64 [24, 96], got I8 [24, 96]`],
    ],
    [
      "an untied head that is absent, and names of two kinds",
      (own) => own.set("wpe.weight", own.get("transformer.wpe.weight") as SafetensorsTensor),
      ["unexpected: wpe.weight", "missing: lm_head.weight"],
    ],
  ];
  for (const [fault, change, said] of faults) {
    trial({ number: 22, fault }, async () => {
      const own = new Map(weights);
      change(own);
      await write(own, fault.includes("untied") ? { tie_word_embeddings: false } : {});
      const error = await loadGpt2(folder).then(
        () => expect.fail("should be refused"),
        (thrown) => thrown,
      );
      expect(error.code).toBe("ERR_GPT2_LAYOUT");
      for (const line of said) expect(error.message).toContain(line);
    });
  }
});
