import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { activateBackend } from "@infinite-former/backend";
import { encodeSafetensors } from "@infinite-former/safetensors";
import { readSafetensors } from "@infinite-former/safetensors/node";
import { registerGradients } from "@infinite-former/tensor";
import { testBackends } from "@infinite-former/tooling-vitest";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkFixture, listFixtures, main } from "../src/index.js";

const fixtures = fileURLToPath(new URL("../fixtures", import.meta.url));
let folder: string;

beforeAll(async () => {
  registerGradients();
  await activateBackend("cpu");
  folder = await mkdtemp(join(tmpdir(), "golden-"));
  for (const beside of ["gpt2_bpe", "hf_gpt2_tiny"]) {
    await cp(join(fixtures, beside), join(folder, beside), { recursive: true });
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(testBackends())("the fixtures on %s", (backend) => {
  beforeAll(() => activateBackend(backend).then(() => undefined));
  afterAll(() => activateBackend("cpu").then(() => undefined));

  it("pass, every one", async () => {
    const results = [];
    for (const path of await listFixtures(fixtures)) results.push(await checkFixture(path));
    expect(results.filter(({ passed }) => !passed).map(({ line }) => line)).toEqual([]);
    expect(results.length).toBeGreaterThan(20);
  });
});

/** A copy of a fixture with its description and its tensors changed. */
async function altered(
  name: string,
  change: (
    json: { tensors: Record<string, { role: string }> } & Record<string, unknown>,
    tensors: Map<string, Float32Array | Float64Array | Int32Array>,
  ) => void,
): Promise<string> {
  const file = await readSafetensors(join(fixtures, `${name}.safetensors`));
  const json = JSON.parse(await readFile(join(fixtures, `${name}.json`), "utf8"));
  const data = new Map(
    [...file.tensors].map(([key, tensor]) => [key, (tensor.data as Float32Array).slice()] as const),
  );
  change(json, data);
  const kept = [...file.tensors].filter(([key]) => data.has(key));
  const entries = kept.map(([key, tensor]) => [key, { ...tensor, data: data.get(key) }] as never);
  const path = join(folder, `${name}.json`);
  await writeFile(path, JSON.stringify(json));
  await writeFile(join(folder, `${name}.safetensors`), encodeSafetensors(entries));
  return path;
}

describe("the checker", () => {
  it.each([
    "compressive_layer",
    "compressive_lm_memory_layers",
    "continuous_softmax",
    "continuous_sparsemax",
    "gpt2_doc_sticky",
    "hf_gpt2_tiny",
    "ltm_gpt2_noaffine",
    "ltm_gpt2_sticky",
    "ltm_sort_fewsamples",
    "sticky",
    "xl_layer_ltm_prelnorm",
    "sortlm_infty_nomask",
    "sortdata",
  ])("finds one changed number in any expected tensor of %s", async (name) => {
    const json = JSON.parse(await readFile(join(fixtures, `${name}.json`), "utf8"));
    const expected = Object.keys(json.tensors).filter((key) => json.tensors[key].role === "expected");
    // All of them would take minutes: first, last, and some between.
    const step = Math.ceil(expected.length / 4);
    for (const key of expected.filter((_, i) => i % step === 0 || i === expected.length - 1)) {
      const path = await altered(name, (_, tensors) => {
        const values = tensors.get(key) as Float32Array;
        const at = values.length >> 1;
        const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        values[at] = (values[at] as number) + Math.max(1, Math.round(largest));
      });
      const result = await checkFixture(path);
      expect(result.passed, `${key}: ${result.line}`).toBe(false);
      expect(result.line).toContain(key);
    }
  });

  it("finds one draw in another bin, other draws, and a memory emptied elsewhere", async () => {
    const line = async (...alteration: Parameters<typeof altered>): Promise<string> =>
      (await checkFixture(await altered(...alteration))).line;
    const bin = await line("ltm_gpt2_sticky", (_, tensors) => {
      const bins = tensors.get("seg3.sticky_bins") as Int32Array;
      bins[17] = (bins[17] as number) ^ 8;
    });
    expect(bin).toMatch(/fail: seg3.sticky_bins: error 8/);
    const draws = await line("sticky", (_, tensors) => (tensors.get("a.uniform") as Float32Array).reverse());
    expect(draws).toMatch(/fail: .*a.bin_index/);
    const emptied = await line("ltm_gpt2_reset", (json) =>
      Object.assign(json["hyper"] as object, { mem_threshold: 48 }),
    );
    expect(emptied).toMatch(/fail: ltm_gpt2_reset: segment 3 must find a memory/);
  });

  it("finds one changed case or merge of a tokenizer, and a changed setting of a checkpoint", async () => {
    const line = async (name: string): Promise<string> =>
      (await checkFixture(join(folder, `${name}.json`))).line;
    const change = async (path: string, from: string, to: string): Promise<() => Promise<void>> => {
      const text = await readFile(join(folder, path), "utf8");
      expect(text).toContain(from);
      await writeFile(join(folder, path), text.replace(from, to));
      return () => writeFile(join(folder, path), text);
    };
    await cp(join(fixtures, "gpt2_bpe.json"), join(folder, "gpt2_bpe.json"));
    expect(await line("gpt2_bpe")).toMatch(/: pass$/);
    const [ids, merge] = [/"ids": \[\s+40,/, /^e d$/m];
    for (const [path, pattern, to] of [
      ["gpt2_bpe/cases.json", ids, '"ids": [41,'],
      ["gpt2_bpe/merges.txt", merge, "n g"],
    ] as const) {
      const text = await readFile(join(folder, path), "utf8");
      const back = await change(path, pattern.exec(text)?.[0] ?? "", to);
      expect(await line("gpt2_bpe")).toMatch(/: fail: /);
      await back();
    }
    await altered("hf_gpt2_tiny", () => undefined);
    expect(await line("hf_gpt2_tiny")).toMatch(/: pass$/);
    const config = await change(
      "hf_gpt2_tiny/config.json",
      '"layer_norm_epsilon": 1e-05',
      '"layer_norm_epsilon": 0.1',
    );
    expect(await line("hf_gpt2_tiny")).toMatch(/: fail: /);
    await config();
  });

  it("fails on NaN, on a missing tensor and on one that is not described", async () => {
    const nan = await altered("xl_layer", (_, tensors) => {
      (tensors.get("call1.x") as Float32Array)[3] = Number.NaN;
    });
    expect((await checkFixture(nan)).line).toMatch(/fail: .*NaN/);
    const missing = await altered("xl_layer", (_, tensors) => tensors.delete("call1.out"));
    expect((await checkFixture(missing)).line).toMatch(
      /fail: xl_layer.safetensors: tensor call1.out is missing/,
    );
    const foreign = await altered("xl_layer", (json) => Reflect.deleteProperty(json.tensors, "call1.out"));
    expect((await checkFixture(foreign)).line).toMatch(
      /fail: xl_layer.json: call1.out is in the file but not described/,
    );
  });

  it("fails on an expected tensor that it does not know", async () => {
    const path = await altered("xl_layer", (json) => {
      (json.tensors["call1.W"] as { role: string }).role = "expected";
    });
    expect((await checkFixture(path)).passed).toBe(false);
  });

  it("fails on a kind or a variant that is not there", async () => {
    const kind = await altered("xl_layer", (json) => Object.assign(json, { kind: "constructor" }));
    expect(await checkFixture(kind)).toEqual({
      name: "xl_layer",
      passed: false,
      line: "xl_layer: fail: not implemented (kind constructor)",
    });
    const style = await altered("ltm_sort_softmax", (json) =>
      Object.assign(json["hyper"] as object, { style: "other" }),
    );
    expect((await checkFixture(style)).line).toBe("ltm_sort_softmax: fail: not implemented (style other)");
    const sticky = await altered("ltm_sort_softmax", (json) =>
      Object.assign(json["hyper"] as object, { sticky: true }),
    );
    expect((await checkFixture(sticky)).line).toMatch(/fail: .*sticky_bins is missing/);
  });

  it("ends with 1 when one fixture of a folder fails, with 2 when there is nothing to check", async () => {
    const mixed = await mkdtemp(join(folder, "mixed-"));
    for (const ending of ["json", "safetensors"]) {
      await cp(join(fixtures, `sortdata.${ending}`), join(mixed, `sortdata.${ending}`));
    }
    expect(await main([mixed, "--backend", "cpu"])).toBe(0);
    await writeFile(join(mixed, "other.json"), '{"kind":"other"}');
    expect(await main([mixed, "--backend", "cpu"])).toBe(1);
    expect(await main([join(folder, "nowhere"), "--backend", "cpu"])).toBe(2);
    expect(await main([])).toBe(2);
    expect(await main([mixed, "--backend", "quantum"])).toBe(2);
  });
});
