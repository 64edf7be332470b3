import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tinyFolder, tinyJson, tinyTokenizer } from "../test/tiny-tokenizer.js";
import { encode, tokenizerFromJson } from "./index.js";
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

  it("reads added_tokens.json beside the pair, as if its tokens stood in tokenizer.json", async () => {
    await give("vocab.json");
    await give("merges.txt");
    const { size, ids, special } = tinyTokenizer();
    const he = ids.get("he") as number;
    const added = { "<sep>": size, "a b": size + 2, he };
    await writeFile(join(folder, "added_tokens.json"), JSON.stringify(added));
    const got = await readTokenizer(folder);
    const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
    const json = tinyJson();
    (json["added_tokens"] as unknown[]).push(
      ...Object.entries(added).map(([content, id]) => ({ content, id, ...flags })),
    );
    expect(got).toEqual(tokenizerFromJson(json));
    const text = "<|endoftext|>the sea<sep>a b<se";
    expect([...encode(got, text).ids]).toEqual([
      special[0]?.id,
      ...encode(tinyTokenizer(), "t").ids,
      he,
      ...encode(tinyTokenizer(), " sea").ids,
      size,
      size + 2,
      ...encode(tinyTokenizer(), "<se").ids,
    ]);
    expect(await readTokenizer(join(folder, "merges.txt"), [])).toMatchObject({ size: size + 3 });
    // The tokenizer.json of a folder has its own.
    await give("tokenizer.json");
    expect(await readTokenizer(folder)).toEqual(tinyTokenizer());
  });

  it.each([
    ["{", "the file must be JSON"],
    ["[]", "added_tokens.json: the file must be an object of ids by token"],
    ['{"<a>":"334"}', 'added_tokens.json: id of "<a>" must be a whole number from 0 to 4194303, got "334"'],
    ['{"<a>":4194304}', 'id of "<a>" must be a whole number from 0 to 4194303, got 4194304'],
    ['{"<a>":334,"<b>":334}', 'id of "<b>" must differ from that of "<a>", got 334'],
    ['{"<a>":2}', 'id of "<a>" must differ from that of "\\"", got 2'],
    ['{"he":334}', /id of "he" must be \d+, as in vocab.json, got 334/],
    ['{"":334}', 'id of "" must be that of a token with a text, got 334'],
  ])("refuses an added_tokens.json of %s", async (text, said) => {
    await give("vocab.json");
    await give("merges.txt");
    const path = join(folder, "added_tokens.json");
    await writeFile(path, text);
    await expect(readTokenizer(folder)).rejects.toMatchObject({ code: "ERR_DATASET", file: path });
    await expect(readTokenizer(folder)).rejects.toThrow(`readTokenizer: ${path}: `);
    await expect(readTokenizer(folder)).rejects.toThrow(said);
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
