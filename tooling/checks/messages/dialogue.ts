import { readFile, rm, writeFile } from "node:fs/promises";
import { main } from "../../../apps/dialogue/src/cli.js";
import { smallTraining } from "../../../apps/dialogue/test/small-training.js";
import { smallDialogues, writeFiles } from "../../../packages/datasets/test/small-dialogues.js";
import type { Message, Workshop } from "./workshop.js";

/** What the application of dialogues is asked that cannot be done. */
export async function wrongDialogues(shop: Workshop): Promise<Message[]> {
  const data = shop.path("dogs");
  await writeFiles(data, smallDialogues());
  const say = (...args: string[]): Promise<Message> => shop.program("dialogue", main, args);
  const begin = (...args: string[]): Promise<Message> =>
    say("train", "--data", "dogs", "--out", "new", ...args);
  const set = (...settings: string[]): string[] => settings.flatMap((one) => ["--set", one]);
  await say(...smallTraining("gpt2", data, shop.path("talk"), { "training.steps": 1 }));
  const found = [
    await begin("--model", "gpt3"),
    await begin("--preset", "smal"),
    await begin("--preset", "gpt2"),
    await begin(...set("model.layer=1", "training.step=3")),
    await begin(...set("evaluation.topP=2", "data.responseTokens=128")),
    await begin(...set("model.heads=3")),
    await begin(...set("data.tokenizer=nowhere")),
    await begin("--from", "nowhere"),
    await begin("--from", "RUN"),
    await begin("--from", "tiny", ...set("model.layers=3", "data.responseTokens=10")),
    await say("train", "--data", "nowhere", "--out", "new"),
    await say("train", "--data", "dogs", "--out", "talk"),
    await say("train", "--data", "dogs", "--out", "none", "--resume"),
    await say("train", "--data", "dogs", "--out", "talk", "--resume", "--steps", "9"),
    await say("train", "--data", "dogs", "--out", "talk", "--resume", "--seed", "4"),
    await say("evaluate", "none", "--data", "dogs"),
    await say("evaluate", "talk", "--data", "dogs", "--split", "all"),
    await wrongAfter(shop, "config.json", (text) => text.replace(/("learningRate": )[^,]*/, "$19")),
    await wrongAfter(shop, "tokenizer.json", (text) => `${text}\n`),
  ];
  await rm(shop.path("dogs/Conversations/train/b.json"));
  return [...found, await say("train", "--data", "dogs", "--out", "talk", "--resume")];
}

/** What is said of a run one of whose files was changed. */
async function wrongAfter(shop: Workshop, name: string, change: (text: string) => string): Promise<Message> {
  const file = shop.path(`talk/${name}`);
  const text = await readFile(file, "utf8");
  await writeFile(file, change(text));
  const message = await shop.program("dialogue", main, ["evaluate", "talk", "--data", "dogs"]);
  await writeFile(file, text);
  return { ...message, done: `${message.done} (with another ${name})` };
}
