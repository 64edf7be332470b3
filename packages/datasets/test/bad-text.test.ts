import { appendFile, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trial } from "@infinite-former/tooling-vitest/trial";
import { describe, expect } from "vitest";
import { contiguousBatches, type DatasetError } from "../src/index.js";
import { readTextCorpus, textPieces } from "../src/node.js";
import { memoryWatch, withLargeLine } from "./large-line.js";

const refusal = (work: Promise<unknown>): Promise<DatasetError> =>
  work.then(
    () => expect.fail("should be refused"),
    (error) => error,
  );

describe("a text", () => {
  trial({ number: 16, fault: "a single line of 10 GB, read at one time or as words" }, () =>
    withLargeLine(async (path) => {
      const memory = memoryWatch();
      const whole = await refusal(readTextCorpus([path]));
      expect(whole).toMatchObject({ code: "ERR_DATASET", file: path });
      expect(whole.message).toContain("must have at most 268435456 bytes");
      expect(whole.message).toContain(`got ${10 * 2 ** 30}`);
      const words = await refusal(
        (async () => {
          for await (const _ of textPieces([path], { onBytes: memory.look })) memory.look();
        })(),
      );
      expect(words).toMatchObject({ code: "ERR_DATASET", file: path });
      expect(words.message).toContain("more than 16777216 characters without any from character 0 on");
      expect(memory.most).toBeLessThan(160 * 2 ** 20);
    }),
  );

  trial({ number: 16, fault: "a file that grows shorter or longer while it is read" }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "infinite-former-text-"));
    const path = join(folder, "changing.txt");
    const read = async (change: () => Promise<void>): Promise<string> => {
      await writeFile(path, "the whale. ".repeat(1000));
      let text = "";
      let first = true;
      for await (const piece of textPieces([path], { cut: "characters", chunkBytes: 1000 })) {
        text += piece.text;
        if (first) await change();
        first = false;
      }
      return text;
    };
    expect((await refusal(read(() => truncate(path, 5000)))).message).toContain(
      "must not change while it is read: had 11000 bytes, ended after 5000",
    );
    expect(await read(() => appendFile(path, "the end."))).toHaveLength(11_008);
    await rm(folder, { recursive: true });
  });

  trial({ number: 16, fault: "a token id that the vocabulary lacks" }, () => {
    for (const [id, said] of [
      [3, "got 3"],
      [-1, "got -1"],
    ] as const) {
      const cut = () =>
        contiguousBatches({
          tokens: Int32Array.of(0, 1, id, 2),
          batchSize: 1,
          segmentLength: 2,
          vocabularySize: 3,
        });
      expect(cut).toThrow(
        expect.objectContaining({
          code: "ERR_DATASET",
          message: `contiguousBatches: tokens[2] must be from 0 to 2, ${said}`,
        }),
      );
    }
  });
});
