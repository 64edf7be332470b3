import type { SafetensorsTensor } from "@infinite-former/safetensors";
import { toFloat64 } from "@infinite-former/safetensors";
import type { Gpt2Config } from "../src/index.js";

type Rows = number[][];

/**
 * GPT-2 in float64 on plain arrays, from weights under their Hugging Face
 * names and in their layouts: logits of one text within one segment.
 *
 * @param before whole segments that were read before it, for a compressed memory.
 */
export function plainGpt2(
  config: Gpt2Config,
  weights: ReadonlyMap<string, SafetensorsTensor>,
  ids: readonly number[],
  tokenTypes?: readonly number[],
  before: readonly (readonly number[])[] = [],
): Rows {
  const numbers = (name: string): Float64Array => toFloat64(weights.get(name) as SafetensorsTensor);
  const rowsOf = (name: string): Rows => {
    const [rows, columns] = (weights.get(name) as SafetensorsTensor).shape as [number, number];
    const data = numbers(name);
    return Array.from({ length: rows }, (_, i) => [...data.subarray(i * columns, (i + 1) * columns)]);
  };
  const add = (a: Rows, b: Rows): Rows => a.map((row, i) => row.map((x, j) => x + (b[i]?.[j] as number)));
  const conv1d = (name: string, x: Rows): Rows => {
    const [kernel, bias] = [rowsOf(`${name}.weight`), numbers(`${name}.bias`)];
    return x.map((row) =>
      [...bias].map((b, j) => row.reduce((sum, v, i) => sum + v * (kernel[i]?.[j] as number), b)),
    );
  };
  const norm = (name: string, x: Rows): Rows => {
    const [gain, bias] = [numbers(`${name}.weight`), numbers(`${name}.bias`)];
    return x.map((row) => {
      const mean = row.reduce((sum, v) => sum + v, 0) / row.length;
      const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / row.length;
      const scale = 1 / Math.sqrt(variance + config.normEpsilon);
      return row.map((v, j) => (v - mean) * scale * (gain[j] as number) + (bias[j] as number));
    });
  };
  const active = (v: number): number => {
    if (config.activation === "relu") return Math.max(v, 0);
    if (config.activation === "gelu-erf") return (v / 2) * (1 + erf(v / Math.SQRT2));
    return (v / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)));
  };
  const attention = (layer: number, x: Rows): Rows => {
    const name = `transformer.h.${layer}.attn`;
    const all = conv1d(`${name}.c_attn`, x);
    const { heads, headSize: d, modelSize: e } = config;
    const scale = (config.scaledScores ? 1 / Math.sqrt(d) : 1) / (config.scoresByLayer ? layer + 1 : 1);
    const joined = all.map((row, i) =>
      Array.from({ length: heads }, (_, h) => {
        const part = (from: readonly number[], which: number): readonly number[] =>
          from.slice(which * e + h * d, which * e + (h + 1) * d);
        const seen = all.slice(0, i + 1);
        return softmaxRead(
          part(row, 0).map((v) => v * scale),
          seen.map((key) => part(key, 1)),
          seen.map((value) => part(value, 2)),
        );
      }).flat(),
    );
    const own = conv1d(`${name}.c_proj`, joined);
    const memory = memories[layer] ?? [];
    if (memory.length === 0) return own;
    const both = product(rowsOf(`${name}.compressed_memory.proj_key_value.weight`), memory);
    const read = all.map((row) =>
      Array.from({ length: heads }, (_, h) => {
        const part = (from: readonly number[], which: number) =>
          from.slice(which * e + h * d, which * e + (h + 1) * d);
        const query = part(row, 0).map((v) => v / Math.sqrt(d));
        return softmaxRead(
          query,
          both.map((rowOf) => part(rowOf, 0)),
          both.map((rowOf) => part(rowOf, 1)),
        );
      }).flat(),
    );
    return add(own, product(rowsOf(`${name}.compressed_memory.attn_out.weight`), read));
  };
  /** Groups of rows, zero rows before the first where they are no multiple. */
  const compress = (layer: number, rows: Rows): Rows => {
    const name = `transformer.h.${layer}.attn.compressed_memory.compress`;
    const { ratio = 1 } = config.compressed ?? {};
    const [kernel, bias, e] = [numbers(`${name}.weight`), numbers(`${name}.bias`), config.modelSize];
    const groups = Math.ceil(rows.length / ratio);
    const padded = [...Array.from({ length: groups * ratio - rows.length }, () => Array(e).fill(0)), ...rows];
    return Array.from({ length: groups }, (_, g) =>
      Array.from(bias, (b, out) => {
        let sum = b;
        for (let k = 0; k < ratio; k++)
          for (let i = 0; i < e; i++)
            sum += (kernel[(out * e + i) * ratio + k] as number) * (padded[g * ratio + k]?.[i] as number);
        return sum;
      }),
    );
  };

  const [words, places] = [rowsOf("transformer.wte.weight"), rowsOf("transformer.wpe.weight")];
  let memories: Rows[] = Array.from({ length: config.layers }, () => []);
  const pass = (segment: readonly number[], types?: readonly number[]): { x: Rows; entered: Rows[] } => {
    let x = segment.map((id, i) => add([words[id] as number[]], [places[i] as number[]])[0] as number[]);
    if (types !== undefined)
      x = add(
        x,
        types.map((id) => words[id] as number[]),
      );
    const entered: Rows[] = [];
    for (let layer = 0; layer < config.layers; layer++) {
      const name = `transformer.h.${layer}`;
      entered.push(x);
      x = add(x, attention(layer, norm(`${name}.ln_1`, x)));
      const inner = conv1d(`${name}.mlp.c_fc`, norm(`${name}.ln_2`, x)).map((row) => row.map(active));
      x = add(x, conv1d(`${name}.mlp.c_proj`, inner));
    }
    return { x, entered };
  };
  for (const segment of before) {
    const { entered } = pass(segment);
    memories = memories.map((past, layer) =>
      config.compressed?.layers.includes(layer)
        ? [...past, ...compress(layer, entered[layer] as Rows)].slice(-config.compressed.length)
        : [],
    );
  }
  const head = config.tiedOutput ? words : rowsOf("lm_head.weight");
  return norm("transformer.ln_f", pass(ids, tokenTypes).x).map((row) => head.map((word) => dot(row, word)));
}

function softmaxRead(
  query: readonly number[],
  keys: readonly (readonly number[])[],
  values: typeof keys,
): number[] {
  const scores = keys.map((key) => dot(query, key));
  const most = Math.max(...scores);
  const mass = scores.map((score) => Math.exp(score - most));
  const total = mass.reduce((sum, m) => sum + m, 0);
  return query.map((_, k) => mass.reduce((sum, m, j) => sum + (m / total) * (values[j]?.[k] as number), 0));
}

/** `nn.Linear` without bias. */
function product(kernel: Rows, x: Rows): Rows {
  return x.map((row) => kernel.map((out) => dot(out, row)));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, v, i) => sum + v * (b[i] as number), 0);
}

/** Error function by its series; exact enough for the small arguments met here. */
function erf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 80; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
