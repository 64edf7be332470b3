import { mkdir, rm } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { readCmuDog } from "@infinite-former/datasets/node";
import {
  smallConversation,
  smallDialogues,
  smallDocument,
  writeFiles,
} from "../../../packages/datasets/test/small-dialogues.js";
import type { Message, Workshop } from "./workshop.js";

/** Data sets of conversations that are wrong. */
export async function wrongConversations(shop: Workshop): Promise<Message[]> {
  const read = async (done: string, changes: Readonly<Record<string, unknown>>): Promise<Message> => {
    const folder = shop.path("dialogues");
    await rm(folder, { recursive: true, force: true });
    await writeFiles(folder, { ...smallDialogues(), ...changes });
    return shop.call(`readCmuDog(${done})`, () => readCmuDog(folder));
  };
  const file = "Conversations/train/b.json";
  const one = smallConversation(0);
  const text = new TextEncoder().encode(JSON.stringify(one, null, 2));
  const latin = text.slice();
  latin[200] = 0xe9;
  await mkdir(shop.path("empty-folder"));
  const archive = await shop.file("dialogues.tar.gz", gzipSync(text).subarray(0, 100));
  return [
    await shop.call("readCmuDog(folder that is not there)", () => readCmuDog(shop.path("none"))),
    await shop.call("readCmuDog(empty folder)", () => readCmuDog(shop.path("empty-folder"))),
    await read("folder with a split without conversations", { "Conversations/valid/c.json": undefined }),
    await read("folder with a conversation that is no UTF-8", { [file]: latin }),
    await read("folder with a conversation that is cut off", { [file]: text.subarray(0, 150) }),
    await read("folder with a conversation without turns", { [file]: { ...one, history: [] } }),
    await read("folder with a conversation of somebody else", {
      [file]: { ...one, history: [{ uid: "user3", text: "Hi", docIdx: 0 }] },
    }),
    await read("folder with a conversation about no document of it", { [file]: smallConversation(31) }),
    await read("folder with two documents of one index", { "WikiData/Third.json": smallDocument(7) }),
    await shop.call("readCmuDog(archive that is cut off)", () => readCmuDog(archive)),
  ];
}
