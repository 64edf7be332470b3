import { appendFile, cp } from "node:fs/promises";
import { book, type Message, type Workshop } from "./workshop.js";

/** Texts that are wrong. */
export async function wrongTexts(shop: Workshop): Promise<Message[]> {
  const say = (...args: string[]): Promise<Message> => shop.command(...args);
  const train = (name: string, ...settings: string[]) =>
    say("train", "--out", "new", ...[`data.text=${name}`, ...settings].flatMap((one) => ["--set", one]));
  await shop.file("empty.txt", "");
  await shop.file("short.txt", "abc");
  await shop.file(
    "broken.txt",
    Buffer.concat([Buffer.from("the whale "), Buffer.of(0xe9), Buffer.from("tait")]),
  );
  await shop.file("broken.jsonl", '{"text": "the whale"}\n{"txt": 1}\n');
  await shop.file("folder/readme.md", "no text");
  await shop.file("word.txt", "whales swim");
  await shop.file("endless.txt", "a".repeat(2 ** 24 + 2 ** 21));
  await shop.file("books/train/1.txt", book);
  await shop.file("books/test/2.txt", book);
  await cp(shop.path("RUN"), shop.path("OLD"), { recursive: true });
  const messages = [
    await train("none.txt"),
    await train("empty.txt"),
    await train("short.txt"),
    await train("broken.txt"),
    await train("broken.jsonl"),
    await train("folder"),
    await train("books"),
    await train("/dev/null"),
    await train("word.txt", "data.tokenizer=words"),
    await train("endless.txt", "data.tokenizer=words"),
    await say("train", "--out", "new", "--set", "data.text=null", "--set", "data.corpus=wikitext-103"),
    await say("train", "--out", "new", "--set", "data.text=null", "--set", "data.corpus=sotu-wikitext"),
    await say("evaluate", "RUN", "--data", "empty.txt"),
    await say("evaluate", "RUN", "--data", "none.txt"),
    await say("evaluate", "RUN", "--data", "folder"),
    await say("evaluate", "RUN", "--data", "book.txt", "--split", "test"),
    await say("generate", "RUN", "--read", "none.txt"),
    await say("generate", "RUN", "--read", "broken.txt"),
    await say("generate", "RUN", "--read", "folder"),
    await say("generate", "RUN", "--read", "/dev/null"),
    await say("generate", "RUN", "--prompt", "ΩΩ", "--seed", "1"),
  ];
  await appendFile(shop.path("book.txt"), "the end.");
  messages.push(await say("train", "--resume", "RUN", "--steps", "9"), await say("evaluate", "RUN"));
  await shop.file("book.txt", book);
  return messages;
}
