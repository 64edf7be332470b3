import { mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRng } from "@infinite-former/random";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contiguousBatches } from "./contiguous-batches.js";
import { openTokenFile, writeTokenFile } from "./token-file.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "token-file-"));
});
afterEach(() => rm(folder, { recursive: true }));

const counts = { unknown: 3, characters: 900, words: 200, lines: 30 };

async function written(size: number, documents: readonly number[]) {
  const rng = createRng(5);
  const all: number[] = [];
  const starts: number[] = [];
  const path = join(folder, "train.tokens");
  const writer = await writeTokenFile(path, size);
  for (const length of documents) {
    starts.push(all.length);
    for (let done = 0; done < length; done += 7) {
      const ids = Array.from({ length: Math.min(7, length - done) }, () => rng.integer(0, size - 1));
      await writer.append(ids, done === 0);
      all.push(...ids);
    }
  }
  return { path, all, starts, file: await writer.finish(counts) };
}

describe("a file of tokens", () => {
  it.each([65_536, 65_537])(
    "of %i ids gives them back anywhere, and gives the batches of the array",
    async (size) => {
      const { all, starts, file, path } = await written(size, [50, 23, 1, 80]);
      file.close();
      const opened = await openTokenFile(path);
      expect(opened).toMatchObject({ length: all.length, tokens: all.length, starts, ...counts });
      for (const [start, count] of [
        [0, all.length],
        [3, 20],
        [all.length - 1, 1],
        [5, 0],
      ] as const) {
        expect([...opened.read(start, count)]).toEqual(all.slice(start, start + count));
      }
      const sizes = { documents: starts, batchSize: 3, segmentLength: 8, vocabularySize: size };
      const [fromFile, fromArray] = [opened, Int32Array.from(all)].map((tokens) =>
        contiguousBatches({ tokens, ...sizes }),
      );
      for (let step = 0; step < fromArray!.stepsPerEpoch; step++) {
        expect(fromFile!.at({ epoch: 0, step })).toEqual(fromArray!.at({ epoch: 0, step }));
      }
      opened.close();
    },
  );

  it("is not there before it is finished, and leaves nothing when abandoned", async () => {
    const writer = await writeTokenFile(join(folder, "train.tokens"), 100);
    await writer.append([1, 2], true);
    expect((await readdir(folder)).every((name) => name.endsWith(".partial"))).toBe(true);
    await writer.abandon();
    expect(await readdir(folder)).toEqual([]);
  });

  it("names an id beyond the vocabulary by its place in the file", async () => {
    const { file } = await written(100, [40]);
    const bad = contiguousBatches({ tokens: file, batchSize: 1, segmentLength: 8, vocabularySize: 1 });
    expect(() => bad.at({ epoch: 0, step: 2 })).toThrow(/tokens\[\d+\] must be from 0 to 0/);
    file.close();
  });

  it("is refused where it is cut short, lies about itself or is read beyond its end", async () => {
    const { path, file } = await written(100, [40]);
    expect(() => file.read(39, 2)).toThrow(/tokens 39 to 41 must lie within 0 to 40/);
    file.close();
    await truncate(path, 60);
    await expect(openTokenFile(path)).rejects.toThrow(/must have 80 bytes, got fewer/);
    await writeFile(`${path}.json`, "{}");
    await expect(openTokenFile(path)).rejects.toThrow(/must be a file of tokens/);
    await expect(openTokenFile(join(folder, "none"))).rejects.toThrow(/must have a description beside it/);
  });
});
