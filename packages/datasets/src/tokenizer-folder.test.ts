import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tinyFolder, tinyTokenizer } from "../test/tiny-tokenizer.js";
import { readTokenizer } from "./node.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tokenizer-"));
});
afterEach(() => rm(folder, { recursive: true }));

const give = (name: string): Promise<void> =>
  copyFile(fileURLToPath(new URL(name, tinyFolder)), join(folder, name));

describe("readTokenizer", () => {
  it("reads tokenizer.json, else vocab.json with merges.txt", async () => {
    const { tokens, ranks } = tinyTokenizer();
    await give("vocab.json");
    await give("merges.txt");
    expect(await readTokenizer(folder)).toMatchObject({ tokens, ranks });
    expect((await readTokenizer(folder, [])).special).toEqual([]);
    await give("tokenizer.json");
    expect(await readTokenizer(folder, [])).toEqual(tinyTokenizer());
  });

  it("reads a file that is named, whatever its name, and no other beside it", async () => {
    const path = join(folder, "mine.json");
    await copyFile(fileURLToPath(new URL("tokenizer.json", tinyFolder)), path);
    await writeFile(join(folder, "tokenizer.json"), "{");
    expect(await readTokenizer(path)).toEqual(tinyTokenizer());
    await give("vocab.json");
    await expect(readTokenizer(join(folder, "vocab.json"))).rejects.toThrow("got no merges.txt");
    await give("merges.txt");
    const { tokens, ranks } = tinyTokenizer();
    for (const name of ["vocab.json", "merges.txt"])
      expect(await readTokenizer(join(folder, name))).toMatchObject({ tokens, ranks });
    await writeFile(path, '{"model":{"type":"WordPiece"}}');
    await expect(readTokenizer(path)).rejects.toMatchObject({ code: "ERR_DATASET", file: path });
    await writeFile(join(folder, "spm.model"), "");
    await expect(readTokenizer(join(folder, "spm.model"))).rejects.toThrow(
      "spm.model must be a tokenizer.json, or vocab.json or merges.txt, got another kind of file",
    );
    await expect(readTokenizer(join(folder, "none.json"))).rejects.toThrow(
      "none.json must be a tokenizer's folder or file: no such file",
    );
  });

  it("says which file is missing or at fault", async () => {
    await expect(readTokenizer(folder)).rejects.toMatchObject({
      code: "ERR_DATASET",
      file: folder,
      message: expect.stringContaining("must hold tokenizer.json, or vocab.json and merges.txt, got neither"),
    });
    const path = join(folder, "tokenizer.json");
    await writeFile(path, "{");
    await expect(readTokenizer(folder)).rejects.toMatchObject({ code: "ERR_DATASET", file: path });
    await writeFile(path, '{"model":{"type":"WordPiece"}}');
    await expect(readTokenizer(folder)).rejects.toMatchObject({ code: "ERR_DATASET", file: path });
    await rm(path);
    await mkdir(path);
    await expect(readTokenizer(folder)).rejects.toThrow(`${path} must be a file`);
  });
});
