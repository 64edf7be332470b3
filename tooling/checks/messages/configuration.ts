import type { Message, Workshop } from "./workshop.js";

/** Configurations that are wrong. */
export async function wrongConfigurations(shop: Workshop): Promise<Message[]> {
  const say = (...args: string[]): Promise<Message> => shop.command(...args);
  const set = (...settings: string[]) =>
    say("train", "--out", "new", ...settings.flatMap((one) => ["--set", one]));
  const config = (name: string) => say("train", "--out", "new", "--config", name);
  await shop.file("many.yaml", "model:\n  ridge: [1]\n  layer: 2\ntrainig:\n  steps: 3\ntraining: 5\n");
  await shop.file("broken.json", '{\n  "model": {\n    "heads": 2,,\n');
  await shop.file("broken.yaml", "model: [1\ntraining: 2");
  await shop.file("list.json", "[]");
  await shop.file("latin.json", Uint8Array.of(0x7b, 0xff, 0x7d));
  await shop.file("large.json", "{", 1e8);
  const bomb = Array.from(
    { length: 9 },
    (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(",")}]`,
  );
  await shop.file("bomb.yaml", ["a0: &a0 [x,x,x,x,x,x,x,x,x]", ...bomb].join("\n"));
  return [
    await set("model.head=2"),
    await set("optimizer.lr=1"),
    await set("steps"),
    await set("model.heads=two"),
    await set("model.gate=1"),
    await set("model.basisCount=9"),
    await set("model.basisCount=0"),
    await set("model.basisCount=-2"),
    await set("model.heads=3"),
    await set("model.contraction=1"),
    await set("model.segmentLength=16"),
    await set("model.cutoffs=800,200", "model.divisor=3"),
    await set("model.cutoffs=4,7", "model.divisor=4"),
    await set("data.tokenizer=word"),
    await set("data.tokenizer=none.json"),
    await set("data.tokenizer=list.json"),
    await set("data.tokenizer=many.yaml"),
    await set("model.basisCount=32", "model.basisWidths=.005,.01", "model.sampleCount=20"),
    await set("model.basis=fourier", "model.density=gibbs"),
    await set("training.batchSize=1.5", "training.learningRate=0"),
    await config("many.yaml"),
    await config("none.yaml"),
    await config("broken.json"),
    await config("broken.yaml"),
    await config("list.json"),
    await config("latin.json"),
    await config("large.json"),
    await config("bomb.yaml"),
    await config("."),
  ];
}
