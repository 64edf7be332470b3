import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { decodeSafetensors, encodeSealed } from "@infinite-former/safetensors";
import { plant } from "../../../apps/trainer/test/plant.js";
import type { Message, Workshop } from "./workshop.js";

/** Runs, checkpoints and memories that are damaged, or do not fit. */
export async function wrongRuns(shop: Workshop): Promise<Message[]> {
  const say = (...args: string[]): Promise<Message> => shop.command(...args);
  const copy = async (name: string): Promise<string> => {
    await cp(shop.path("OLD"), shop.path(name), { recursive: true });
    return shop.path(`${name}/checkpoints/step-2`);
  };
  const flip = async (path: string): Promise<void> => {
    const bytes = await readFile(path);
    bytes[bytes.length - 5] = (bytes[bytes.length - 5] as number) ^ 1;
    await writeFile(path, bytes);
  };
  const damaged = await copy("DAMAGED");
  await flip(`${damaged}/model.safetensors`);
  await flip(`${shop.path("DAMAGED/checkpoints/step-1")}/model.safetensors`);
  const missing = await copy("MISSING");
  await rm(`${missing}/optimizer.safetensors`);
  await writeFile(`${await copy("PICKLED")}/model.safetensors`, "\x80\x02}q\0X\x06\0\0\0weight", "latin1");
  const folder = `${await copy("FOLDER")}/model.safetensors`;
  await rm(folder);
  await mkdir(folder);
  await copy("OTHER");
  const settings = await readFile(shop.path("OTHER/config.json"), "utf8");
  await writeFile(shop.path("OTHER/config.json"), settings.replace('"layers": 1', '"layers": 2'));
  const nan = await copy("NAN");
  await plant(nan, "model.safetensors", "layers.0.feedForward.outer.kernel", Number.NaN);
  await copy("EMPTY");
  await rm(shop.path("EMPTY/checkpoints"), { recursive: true });
  await shop.command("generate", "OLD", "--prompt", "the", "--max-tokens", "2", "--save-memory", "memory");
  await cp(shop.path("memory"), shop.path("damaged-memory"));
  await flip(shop.path("damaged-memory"));
  const { metadata, tensors } = decodeSafetensors(await readFile(shop.path("memory")));
  const { sha256: _, ...saved } = metadata;
  await shop.file("counting-memory", encodeSealed(tensors, { ...saved, tokens: "-5" }));
  const others = [...tensors].filter(([path]) => !/^(current.0|filled)$/.test(path));
  const extra = { dtype: "F32", shape: [1], data: Float32Array.of(1) } as const;
  await shop.file("patched-memory", encodeSealed([...others, ["extra", extra], ["more", extra]], saved));
  await shop.file("odd/config.json", '{"format":"infinite-former/run","formatVersion":2}');
  await shop.command("train", "--out", "WIDE", "--set", "data.text=book.txt", "--set", "model.layers=2");
  const plain = "model.kind=transformer-xl";
  await shop.command("train", "--out", "PLAIN", "--set", "data.text=book.txt", "--set", plain);
  return [
    await say("generate", "DAMAGED"),
    await say("generate", "DAMAGED/checkpoints/step-2"),
    await say("generate", "PICKLED/checkpoints/step-2"),
    await say("generate", "FOLDER/checkpoints/step-2"),
    await say("generate", "OTHER/checkpoints/step-2"),
    await say("inspect", "DAMAGED/checkpoints/step-2"),
    await say("generate", "NAN"),
    await say("generate", "EMPTY"),
    await say("evaluate", "odd"),
    await say("inspect", "book.txt"),
    await say("train", "--resume", "MISSING", "--steps", "3"),
    await say("train", "--resume", "DAMAGED", "--steps", "3"),
    await say("train", "--resume", "OLD", "--steps", "1"),
    await say("train", "--resume", "OLD", "--set", "training.learningRate=1", "--seed", "3"),
    await say(
      "train",
      "--resume",
      "OLD",
      "--set",
      "training.learningRate=1e38",
      "--steps",
      "9",
      "--allow-config-change",
    ),
    await say("generate", "OLD", "--memory", "none"),
    await say("generate", "OLD", "--memory", "book.txt"),
    await say("generate", "OLD", "--memory", "damaged-memory"),
    await say("inspect", "damaged-memory"),
    await say("generate", "OLD", "--memory", "counting-memory"),
    await say("inspect", "counting-memory"),
    await say("generate", "OLD", "--memory", "patched-memory"),
    await say("generate", "WIDE", "--memory", "memory"),
    await say("generate", "PLAIN", "--memory", "memory"),
    await say("generate", "OLD", "--save-memory", "none/memory"),
    await say("generate", "OLD", "--save-memory", "."),
  ];
}
