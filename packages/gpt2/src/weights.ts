import type { SafetensorsTensor } from "@infinite-former/safetensors";
import { toFloat32 } from "@infinite-former/safetensors";
import { disposeTree, leaves, treeFromLeaves } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { Gpt2Config } from "./config.js";
import { Gpt2LayoutError, type LayoutFaults, type MisfitWeight } from "./errors.js";
import { fromHuggingFace, toHuggingFace, type WeightSlot, weightSlots } from "./layout.js";
import type { Gpt2Params } from "./params.js";

/** Where weights come from: what is known of each, and a way to its numbers. */
export interface WeightSource {
  readonly tensors: ReadonlyMap<string, Pick<SafetensorsTensor, "dtype" | "shape">>;
  read(name: string): SafetensorsTensor | Promise<SafetensorsTensor>;
}

/** Prefix of the weights below the head in a model that has one. */
const prefix = "transformer.";

/** The head, whose name never has the prefix. */
const headName = "lm_head.weight";

const tableName = "wte.weight";

/** What files hold beside weights: causal masks, a weight of the authors' memory that is never used. */
const ignored = /^h\.\d+\.attn\.(bias|masked_bias|long_term_attention\.proj_query\.weight)$/;

/** Element types that are read; integers are some quantisation. */
const floats: readonly string[] = ["F32", "F16", "BF16", "F64"];

/**
 * Parameters from weights in the Hugging Face layout, as float32. Names may
 * carry the prefix `transformer.` or not; causal masks (`attn.bias`,
 * `attn.masked_bias`) are passed over, as is `lm_head.weight` where the head is
 * tied and it equals the token table.
 *
 * @param source read one weight at a time, after all names and shapes have been checked.
 * @returns tensors owned by the caller.
 * @throws {Gpt2LayoutError} `ERR_GPT2_LAYOUT` listing every weight that is
 *   missing, not known, or of another shape or type, and nothing was read then;
 *   else every weight with a number that is not finite, and a head that is not the table it is tied to.
 */
export async function readWeights(config: Gpt2Config, source: WeightSource): Promise<Gpt2Params> {
  const slots = weightSlots(config);
  const names = storedNames(config, slots, source);
  const found: { path: string; tensor: tf.Tensor }[] = [];
  const misfit: MisfitWeight[] = [];
  try {
    for (const slot of slots) {
      const name = names.get(slot.name) as string;
      const numbers = toFloat32(await source.read(name));
      const fault = numberFault(numbers, slot.shape);
      if (fault !== undefined) misfit.push({ name, want: "finite numbers", got: fault });
      if (slot.name === tableName && config.tiedOutput && source.tensors.has(headName)) {
        misfit.push(...(await headFaults(source, name, numbers, slot.shape)));
      }
      const tensor = tf.tidy(() => fromHuggingFace(slot, tf.tensor(numbers, [...slot.shape], "float32")));
      found.push({ path: slot.path, tensor });
    }
    if (misfit.length > 0) throw new Gpt2LayoutError({ missing: [], unexpected: [], misfit });
  } catch (error) {
    disposeTree(found.map(({ tensor }) => tensor));
    throw error;
  }
  return treeFromLeaves(found) as Gpt2Params;
}

/** The first number that is not finite, as in `NaN at [3, 5]`. */
function numberFault(numbers: Float32Array, shape: readonly number[]): string | undefined {
  let at = 0;
  while (at < numbers.length && Number.isFinite(numbers[at])) at++;
  return at === numbers.length ? undefined : `${numbers[at]} at [${placeOf(at, shape).join(", ")}]`;
}

/** What a stored head has other than the token table it is tied to: it would be lost. */
async function headFaults(
  source: WeightSource,
  table: string,
  numbers: Float32Array,
  shape: readonly number[],
): Promise<MisfitWeight[]> {
  const head = toFloat32(await source.read(headName));
  let at = 0;
  while (at < head.length && head[at] === numbers[at]) at++;
  if (at === head.length) return [];
  const want = `equal to ${table}, since config.json ties them (tie_word_embeddings false keeps both)`;
  const got = `${head[at]} for ${numbers[at]} at [${placeOf(at, shape).join(", ")}]`;
  return [{ name: headName, want, got }];
}

/** Indices along each axis of the element at a place in row-major order. */
function placeOf(at: number, shape: readonly number[]): number[] {
  const place: number[] = [];
  let rest = at;
  for (const size of [...shape].reverse()) {
    place.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return place;
}

/**
 * Checks that a source has the weights of a configuration; reads none.
 *
 * @throws {Gpt2LayoutError} `ERR_GPT2_LAYOUT` listing every weight that is missing, not known, or of another shape or type.
 */
export function assertWeights(config: Gpt2Config, source: Pick<WeightSource, "tensors">): void {
  storedNames(config, weightSlots(config), source);
}

/** Names in the source by names without prefix, or an error that lists all faults. */
function storedNames(
  config: Gpt2Config,
  slots: readonly WeightSlot[],
  source: Pick<WeightSource, "tensors">,
): Map<string, string> {
  const wanted = new Map(slots.map((slot) => [slot.name, slot]));
  const names = new Map<string, string>();
  const unexpected: string[] = [];
  const misfit: MisfitWeight[] = [];
  const tiedHead = config.tiedOutput ? wanted.get(tableName) : undefined;
  for (const [stored, { dtype, shape }] of source.tensors) {
    const name = stored.startsWith(prefix) ? stored.slice(prefix.length) : stored;
    const slot = stored === headName && tiedHead !== undefined ? tiedHead : wanted.get(name);
    if (slot === undefined || names.has(name)) {
      if (names.has(name) || !ignored.test(name)) unexpected.push(stored);
      continue;
    }
    if (slot.name === name) names.set(name, stored);
    if (shape.join() !== slot.shape.join() || !floats.includes(dtype)) {
      const want = `${floats.join(", ")} [${slot.shape.join(", ")}]`;
      misfit.push({ name: stored, want, got: `${dtype} [${shape.join(", ")}]` });
    }
  }
  const written = [...names.values()].some((stored) => stored.startsWith(prefix)) ? prefix : "";
  const missing = [...wanted.keys()]
    .filter((name) => !names.has(name))
    .map((name) => (name === headName ? name : written + name));
  const faults: LayoutFaults = { missing, unexpected, misfit };
  if (missing.length + unexpected.length + misfit.length > 0) throw new Gpt2LayoutError(faults);
  return names;
}

/**
 * Weights in the Hugging Face layout, with the prefix `transformer.` but for
 * the head, in the order of the authors' state dict; the inverse of
 * `readWeights`. A long-term memory is written under the authors' names; their
 * `proj_query`, which nothing uses, is written as zeros so that their code can load the file.
 *
 * @param params of this configuration; borrowed.
 */
export async function writeWeights(
  config: Gpt2Config,
  params: Gpt2Params,
): Promise<Map<string, SafetensorsTensor>> {
  const own = new Map(leaves(params).map(({ path, tensor }) => [path, tensor]));
  const written = new Map<string, SafetensorsTensor>();
  const put = (name: string, shape: readonly number[], data: Float32Array): void => {
    const full = name.startsWith("lm_head.") ? name : `${prefix}${name}`;
    written.set(full, { dtype: "F32", shape, data });
  };
  for (const slot of weightSlots(config)) {
    const turned = toHuggingFace(slot, own.get(slot.path) as tf.Tensor);
    try {
      if (slot.name.endsWith(".proj_key.weight")) {
        const size = config.modelSize;
        put(slot.name.replace("proj_key", "proj_query"), [size, size], new Float32Array(size * size));
      }
      put(slot.name, slot.shape, (await turned.data()) as Float32Array);
    } finally {
      turned.dispose();
    }
  }
  return written;
}
