import { cp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { readSafetensors, writeSafetensors } from "@infinite-former/safetensors/node";
import { flipBit } from "../../../apps/trainer/test/checkpoint-files.js";
import { tune } from "../../../apps/trainer/test/gpt2-run.js";
import { root } from "../workspace.js";
import type { Message, Workshop } from "./workshop.js";

/** Models to start from that are missing, damaged or of another kind, and settings that do not fit them. */
export async function wrongGpt2(shop: Workshop): Promise<Message[]> {
  const say = (...args: string[]): Promise<Message> => shop.command(...args);
  const set = (...settings: string[]): Promise<Message> =>
    say("train", "--out", "new", ...settings.flatMap((one) => ["--set", one]));
  const copy = (name: string): Promise<void> =>
    cp(join(root, "tooling/golden/fixtures/hf_gpt2_tiny"), shop.path(name), { recursive: true });
  for (const name of ["tiny", "pickled", "layout", "bert", "whole"]) await copy(name);
  await cp(join(root, "tooling/golden/fixtures/gpt2_bpe/tokenizer.json"), shop.path("whole/tokenizer.json"));
  await rename(shop.path("pickled/model.safetensors"), shop.path("pickled/pytorch_model.bin"));
  const { tensors } = await readSafetensors(shop.path("layout/model.safetensors"));
  const own = new Map(tensors);
  const norm = own.get("transformer.ln_f.bias");
  const inner = own.get("transformer.h.0.mlp.c_fc.weight");
  own.delete("transformer.ln_f.bias");
  if (norm !== undefined) own.set("transformer.h.2.ln_1.bias", norm);
  if (inner !== undefined) own.set("transformer.h.0.mlp.c_fc.weight", { ...inner, shape: [96, 24] });
  await writeSafetensors(shop.path("layout/model.safetensors"), own);
  await shop.file("bert/config.json", '{"model_type":"bert"}');
  await copy("base");
  await cp(shop.path("whole/tokenizer.json"), shop.path("base/tokenizer.json"));
  const tuned = tune("book.txt", "base", { "training.steps": 1, "training.sampleLength": 0 });
  await shop.trainer("train", "--out", "TUNED", ...tuned);
  await rm(shop.path("TUNED/checkpoints"), { recursive: true });
  await flipBit(shop.path("base/model.safetensors"));
  return [
    await set("model.from=nowhere"),
    await set("model.from=book.txt"),
    await set("model.from=."),
    await set("model.from=pickled"),
    await set("model.from=layout"),
    await set("model.from=bert"),
    await set("model.from=RUN"),
    await set("model.from=tiny"),
    await set("model.from=tiny", "data.tokenizer=characters"),
    await set("model.from=whole", "data.tokenizer=words"),
    await say("train", "--preset", "gpt2-pg19", "--set", "data.text=null"),
    await set("model.memory=infinite"),
    await set("model.kind=gpt2", "model.memoryLayers=[0,3]", "model.positions=4"),
    await set("model.kind=gpt2", "model.memoryLayers=all"),
    await say("train", "--resume", "TUNED"),
    await say("train", "--resume", "TUNED", "--set", "data.tokenizer=words", "--allow-config-change"),
    await say("export", "RUN", "out"),
    await say("export", "RUN", "tiny"),
  ];
}
