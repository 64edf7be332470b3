import { appendFile, cp } from "node:fs/promises";
import { book, type Message, type Workshop } from "./workshop.js";

/** Texts that are wrong. */
export async function wrongTexts(shop: Workshop): Promise<Message[]> {
  const say = (...args: string[]): Promise<Message> => shop.command(...args);
  const train = (name: string) => say("train", "--out", "new", "--set", `data.text=${name}`);
  await shop.file("empty.txt", "");
  await shop.file("short.txt", "abc");
  await shop.file(
    "broken.txt",
    Buffer.concat([Buffer.from("the whale "), Buffer.of(0xe9), Buffer.from("tait")]),
  );
  await shop.file("broken.jsonl", '{"text": "the whale"}\n{"txt": 1}\n');
  await shop.file("folder/readme.md", "no text");
  await cp(shop.path("RUN"), shop.path("OLD"), { recursive: true });
  const messages = [
    await train("none.txt"),
    await train("empty.txt"),
    await train("short.txt"),
    await train("broken.txt"),
    await train("broken.jsonl"),
    await train("folder"),
    await train("/dev/null"),
    await say("train", "--out", "new", "--set", "data.text=null", "--set", "data.corpus=wikitext-103"),
    await say("train", "--out", "new", "--set", "data.text=null", "--set", "data.corpus=sotu-wikitext"),
    await say("evaluate", "RUN", "--data", "empty.txt"),
    await say("generate", "RUN", "--read", "none.txt"),
    await say("generate", "RUN", "--read", "broken.txt"),
    await say("generate", "RUN", "--prompt", "ΩΩ", "--seed", "1"),
  ];
  await appendFile(shop.path("book.txt"), "the end.");
  messages.push(await say("train", "--resume", "RUN", "--steps", "9"), await say("evaluate", "RUN"));
  await shop.file("book.txt", book);
  return messages;
}
