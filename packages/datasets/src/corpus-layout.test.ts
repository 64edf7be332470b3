import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { corpusFiles } from "./corpus-layout.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "corpus-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), "text");
  }
}
const at = (...names: string[]): string[] => names.map((name) => join(folder, name));

describe("corpusFiles", () => {
  it("finds WikiText's splits", async () => {
    await put("wiki.train.tokens", "wiki.valid.tokens");
    expect(await corpusFiles(folder)).toEqual({
      layout: "wikitext",
      train: at("wiki.train.tokens"),
      valid: at("wiki.valid.tokens"),
      test: null,
    });
    await put("wiki.test.tokens");
    expect((await corpusFiles(folder)).test).toEqual(at("wiki.test.tokens"));
  });

  it("finds PG-19's books by split, in the order of their names", async () => {
    await put("train/2.txt", "train/10.txt", "train/notes.md", "validation/1.txt", "test/3.txt");
    expect(await corpusFiles(folder)).toEqual({
      layout: "pg19",
      train: at("train/10.txt", "train/2.txt"),
      valid: at("validation/1.txt"),
      test: at("test/3.txt"),
    });
  });

  it("takes a file, a folder of texts, and JSONL", async () => {
    await put("b.txt", "a.txt");
    expect(await corpusFiles(join(folder, "a.txt"))).toMatchObject({
      layout: "text",
      train: at("a.txt"),
      valid: null,
    });
    expect(await corpusFiles(folder)).toMatchObject({ layout: "text", train: at("a.txt", "b.txt") });
    await put("c.jsonl");
    expect(await corpusFiles(folder)).toMatchObject({ layout: "jsonl", train: at("c.jsonl") });
    expect(await corpusFiles(join(folder, "c.jsonl"))).toMatchObject({
      layout: "jsonl",
      train: at("c.jsonl"),
    });
  });

  it.each([
    [["train", "test"], "got train and test but no validation"],
    [["train"], "got train but no validation"],
    [["validation", "test"], "got test and validation but no train"],
    [["valid"], "got valid but no train"],
  ])("says which of PG-19's folders are there and which is missing: %j", async (folders, said) => {
    await put(...folders.map((name) => `${name}/1.txt`));
    await expect(corpusFiles(folder)).rejects.toThrow(
      `${folder} must have folders train and validation as PG-19 does, ${said}`,
    );
    await put("a.txt");
    expect(await corpusFiles(folder)).toMatchObject({ layout: "text", train: at("a.txt") });
  });

  it("says what is missing", async () => {
    await expect(corpusFiles(join(folder, "none"))).rejects.toThrow(/no such file/);
    await expect(corpusFiles(folder)).rejects.toThrow(/must hold \.txt files, got none/);
    await put("wiki.test.tokens");
    await expect(corpusFiles(folder)).rejects.toThrow(
      /must hold wiki\.train\.tokens and wiki\.valid\.tokens/,
    );
    await expect(corpusFiles(folder, "pg19")).rejects.toThrow(/got no train, no validation/);
    await expect(corpusFiles(join(folder, "wiki.test.tokens"), "wikitext")).rejects.toThrow(
      /must be a folder/,
    );
    await put("train/1.txt", "validation/notes.md");
    await expect(corpusFiles(folder, "pg19")).rejects.toThrow(/validation must hold \.txt files, got none/);
  });
});
