import { copyFile, cp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  characterVocabulary,
  contiguousBatches,
  sortingLineExample,
  sortingTask,
  sortTarget,
  tokenizerFromJson,
  tokenizerFromMerges,
} from "@infinite-former/datasets";
import { readTokenizer } from "@infinite-former/datasets/node";
import { loadGpt2 } from "@infinite-former/gpt2/node";
import type { SafetensorsTensor } from "@infinite-former/safetensors";
import { readSafetensors, writeSafetensors } from "@infinite-former/safetensors/node";
import { root } from "../workspace.js";
import type { Message, Workshop } from "./workshop.js";

/** Data and weights that are wrong, as the packages say it. */
export async function wrongData(shop: Workshop): Promise<Message[]> {
  const task = (config: object) => () => sortingTask({ seed: 1, split: "train", length: 10, ...config });
  const tokens = Int32Array.of(0, 1, 3);
  const cut = (config: object) => () =>
    contiguousBatches({ tokens, batchSize: 1, segmentLength: 2, ...config });
  const load = (done: string) => shop.call(done, () => loadGpt2(shop.path("gpt2")));
  const messages = [
    await shop.call("sortingTask({ length: 0, … })", task({ length: 0 })),
    await shop.call("sortingTask({ seed: -1, … })", task({ seed: -1 })),
    await shop.call("sortTarget([0, 20])", () => sortTarget([0, 20])),
    await shop.call("sortingLineExample([0, 2, 1, 0, 1], 2)", () => sortingLineExample([0, 2, 1, 0, 1], 2)),
    await shop.call(
      "contiguousBatches({ tokens: [0, 1, 3], vocabularySize: 3, … })",
      cut({ vocabularySize: 3 }),
    ),
    await shop.call("contiguousBatches({ tokens: [1], … })", cut({ tokens: Int32Array.of(1) })),
    await shop.call('characterVocabulary("")', () => characterVocabulary("")),
    await shop.call("readTokenizer(folder without one)", () => readTokenizer(shop.folder)),
    await shop.call('tokenizerFromMerges({}, "", [], { "<a>": 7, "<b>": 7 })', () =>
      tokenizerFromMerges({}, "", [], { "<a>": 7, "<b>": 7 }),
    ),
    await shop.call("tokenizerFromJson(of WordPiece)", () =>
      tokenizerFromJson({ model: { type: "WordPiece" } }),
    ),
    await load("loadGpt2(folder that is not there)"),
  ];
  const saved = join(root, "tooling/golden/fixtures/hf_gpt2_tiny");
  await cp(saved, shop.path("gpt2"), { recursive: true });
  const weights = new Map((await readSafetensors(join(saved, "model.safetensors"))).tensors);
  const [first] = weights;
  weights.delete("transformer.ln_f.bias");
  if (first !== undefined) weights.set("score.weight", first[1]);
  await writeSafetensors(shop.path("gpt2/model.safetensors"), weights);
  messages.push(await load("loadGpt2(folder whose weights are others)"));
  await writeSafetensors(shop.path("gpt2/model.safetensors"), await weightsWithWrongNumbers(saved));
  messages.push(await load("loadGpt2(folder with NaN, and a head that is not the table it is tied to)"));
  await writeFile(shop.path("gpt2/model.safetensors"), "no safetensors file");
  messages.push(await load("loadGpt2(folder whose weights are text)"));
  await rm(shop.path("gpt2/model.safetensors"));
  await writeFile(shop.path("gpt2/pytorch_model.bin"), "");
  messages.push(await load("loadGpt2(folder with pickled weights)"));
  await rm(shop.path("gpt2/pytorch_model.bin"));
  messages.push(await load("loadGpt2(folder without weights)"));
  await copyFile(join(saved, "model.safetensors"), shop.path("gpt2/model.safetensors"));
  await writeFile(shop.path("gpt2/config.json"), '{"n_embd": 24, "n_head": 5}');
  messages.push(await load("loadGpt2(folder with 5 heads for a width of 24)"));
  await writeFile(
    shop.path("gpt2/config.json"),
    '{"model_type": "gptj", "n_layer": 0, "infinite_former": {"longterm": {}}}',
  );
  messages.push(await load("loadGpt2(folder with several faults in its config.json)"));
  messages.push(
    await shop.call('loadGpt2(folder, { memorystart: "silent", … })', () =>
      loadGpt2(shop.path("gpt2"), { segmentLength: 8, ...{ memorystart: "silent" } }),
    ),
  );
  await writeFile(shop.path("gpt2/config.json"), "{");
  messages.push(await load("loadGpt2(folder with a broken config.json)"));
  return messages;
}

/** A GPT-2's weights, a number of which is none, and a head of its own. */
async function weightsWithWrongNumbers(folder: string): Promise<Map<string, SafetensorsTensor>> {
  const weights = new Map((await readSafetensors(join(folder, "model.safetensors"))).tensors);
  const table = weights.get("transformer.wte.weight") as SafetensorsTensor;
  const [bias, head] = [new Float32Array(24), new Float32Array(table.data as Float32Array)];
  bias[3] = Number.NaN;
  head[30] = 5;
  weights.set("transformer.ln_f.bias", { dtype: "F32", shape: [24], data: bias });
  return weights.set("lm_head.weight", { ...table, data: head } as SafetensorsTensor);
}
