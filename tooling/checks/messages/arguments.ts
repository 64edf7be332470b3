import type { Message, Workshop } from "./workshop.js";

/** Arguments that are wrong. */
export async function wrongArguments(shop: Workshop): Promise<Message[]> {
  const say = (...args: string[]): Promise<Message> => shop.command(...args);
  return [
    await say("trian"),
    await say("train", "--step", "5"),
    await say("train", "--preset", "tinny"),
    await say("train", "--steps", "many"),
    await say("evaluate"),
    await say("evaluate", "nowhere"),
    await say("inspect", "nowhere"),
    await say("generate", "book.txt"),
    await say("train", "--out", "RUN"),
    await say("train", "--resume", "nowhere"),
  ];
}
