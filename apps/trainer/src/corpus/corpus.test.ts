import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { encode, splitText } from "@infinite-former/datasets";
import type { TextPiece } from "@infinite-former/datasets/node";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { baseConfig } from "../config/presets.js";
import type { DataSettings } from "../config/schema.js";
import { charactersFrom } from "./characters-from.js";
import type { SplitName } from "./corpus.js";
import { encodeSplit } from "./encoded-split.js";
import { openCorpus } from "./open-corpus.js";
import { buildVocabulary, parseVocabulary, vocabularyJson } from "./run-vocabulary.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trainer-corpus-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

const data = (settings: Partial<DataSettings>): DataSettings => ({
  ...baseConfig.data,
  text: folder,
  ...settings,
});

async function texts(pieces: AsyncIterable<TextPiece>): Promise<string[]> {
  const documents: string[] = [];
  for await (const { text, first } of pieces) {
    if (first) documents.push(text);
    else documents.push(documents.pop() + text);
  }
  return documents;
}

describe("charactersFrom", () => {
  it("cuts as splitText does, whatever the pieces", async () => {
    const text = fc.array(fc.constantFrom("a", "é", "鯨", "🐋", "\n"), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { maxLength: 6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (parts, share) => {
          const pieces = parts.map((part, i) => ({ text: part.join(""), first: i === 0 }));
          const whole = pieces.map((piece) => piece.text).join("");
          const border = Math.floor([...whole].length * share);
          const [train, valid] = splitText(whole, share);
          expect((await texts(charactersFrom(pieces, 0, border))).join("")).toBe(train);
          expect((await texts(charactersFrom(pieces, border, Number.POSITIVE_INFINITY))).join("")).toBe(
            valid,
          );
        },
      ),
      { seed: 3 },
    );
  });

  it("begins a document where it begins, and where the documents do", async () => {
    const pieces = [
      { text: "ab", first: true },
      { text: "cd", first: false },
      { text: "ef", first: true },
    ];
    expect(await texts(charactersFrom(pieces, 1, 5))).toEqual(["bcd", "e"]);
  });
});

describe("openCorpus", () => {
  it("gives the splits of WikiText's layout, and of PG-19's a document a book", async () => {
    await put({
      "w/wiki.train.tokens": " = A = \n b\n",
      "w/wiki.valid.tokens": " c \n",
      "w/wiki.test.tokens": " d\n",
    });
    const wikitext = await openCorpus(data({ text: join(folder, "w") }));
    expect(wikitext.characters).toEqual({ train: 11, valid: 4, test: 3 });
    expect(await texts(wikitext.pieces("valid", "space"))).toEqual([" c \n"]);
    await put({ "p/train/1.txt": "one", "p/train/2.txt": "two", "p/validation/3.txt": "three" });
    const books = await openCorpus(data({ text: join(folder, "p") }));
    expect(await texts(books.pieces("train", "characters"))).toEqual(["one", "two"]);
    expect(books.characters).toEqual({ train: 6, valid: 5 });
  });

  it("takes the last share of a folder's documents to validate, whose checksum tells every byte", async () => {
    await put({ "a.txt": "aaaa bb", "b.txt": "cccc" });
    const before = await openCorpus(data({ trainFraction: 0.6 }));
    expect(await texts(before.pieces("train", "space"))).toEqual(["aaaa b"]);
    expect(await texts(before.pieces("valid", "space"))).toEqual(["b", "cccc"]);
    await put({ "b.txt": "cccd" });
    expect((await openCorpus(data({ trainFraction: 0.6 }))).sha256).not.toBe(before.sha256);
  });

  it.each<[Record<string, string>, Partial<DataSettings>, string]>([
    [{}, {}, "must hold .txt files, got none"],
    [{ "a.txt": "" }, {}, "a.txt holds no text"],
    [{ "a.txt": "abc" }, {}, "is too short"],
    [{ "a.txt": "abc" }, { layout: "pg19" }, "got no train, no validation"],
    [{ "train/a.txt": "abc", "validation/a.md": "abc" }, {}, "validation must hold .txt files, got none"],
  ])("refuses %j", async (files, settings, message) => {
    await put(files);
    await expect(openCorpus(data(settings))).rejects.toMatchObject({
      code: "ERR_USAGE",
      message: expect.stringMatching(new RegExp(`^data\\.text: .*${message.replace(".", "\\.")}`)),
    });
  });
});

describe("a corpus known by name", () => {
  const environment = (): Record<string, string> => ({ INFINITE_FORMER_DATA: folder });
  const byName = (settings: Partial<DataSettings>): DataSettings => data({ text: null, ...settings });

  it("sotu-wikitext is the speeches, then WikiText's validation text, whose end validates", async () => {
    const wiki = " = Whale = \n the whale , 3 @.@ 5 m long .\n".repeat(400);
    await put({ "wikitext/wiki.valid.tokens": wiki, "wikitext/wiki.test.tokens": " = Ship = \n" });
    const corpus = await openCorpus(
      byName({ corpus: "sotu-wikitext", trainFraction: 0.9995 }),
      environment(),
    );
    const train = await texts(corpus.pieces("train", "space"));
    const valid = await texts(corpus.pieces("valid", "space"));
    expect(train).toHaveLength(234);
    expect(train[0]).toMatch(/^Fellow @-@ Citizens of the Senate and House of Representatives : /);
    expect(train.slice(0, 233).every((text) => text.endsWith("\n"))).toBe(true);
    expect(valid).toHaveLength(1);
    expect((train[233] as string) + valid[0]).toBe(wiki);
    expect(await texts(corpus.pieces("test", "space"))).toEqual([" = Ship = \n"]);
    const lengths = [train, valid].map((parts) => [...parts.join("")].length);
    expect(corpus.characters).toEqual({ train: lengths[0], valid: lengths[1], test: 11 });
    await put({ "wikitext/wiki.test.tokens": " = Shop = \n" });
    const other = await openCorpus(byName({ corpus: "sotu-wikitext" }), environment());
    expect(other.sha256).not.toBe(corpus.sha256);
  });

  it("wikitext-103 is the folder of that name", async () => {
    await put({ "wikitext-103/wiki.train.tokens": "one two", "wikitext-103/wiki.valid.tokens": "three" });
    const corpus = await openCorpus(byName({ corpus: "wikitext-103" }), environment());
    expect(corpus).toMatchObject({ source: "wikitext-103", characters: { train: 7, valid: 5 } });
  });

  it.each<[DataSettings["corpus"], Record<string, string>, RegExp]>([
    ["wikitext-103", {}, /^data\.corpus: wikitext-103 is not here: INFINITE_FORMER_DATA must name a folder/],
    [
      "sotu-wikitext",
      { "wikitext/wiki.valid.tokens": "a" },
      /^data\.corpus: sotu-wikitext needs wikitext\/wiki\.test\.tokens in the folder that INFINITE_FORMER_DATA names/,
    ],
  ])("%s that is not there is refused with what to do", async (corpus, files, message) => {
    await put(files);
    await expect(openCorpus(byName({ corpus }), environment())).rejects.toMatchObject({
      code: "ERR_USAGE",
      message: expect.stringMatching(message),
    });
  });
});

describe("buildVocabulary", () => {
  it.each<[Partial<DataSettings>, object]>([
    [{}, { characters: ["\n", " ", "a", "b", "c"] }],
    [{ tokenizer: "words" }, { words: ["a", "b", "<eos>", "c", "<unk>"] }],
    [{ tokenizer: "words", vocabularySize: 4 }, { words: ["a", "b", "<eos>", "<unk>"] }],
  ])("is of the training text alone (%j), and comes back from its file", async (settings, wanted) => {
    await put({ "train/1.txt": "a a a b b\nc", "valid/1.txt": "zz" });
    const corpus = await openCorpus(data(settings));
    const vocabulary = await buildVocabulary(corpus, data(settings));
    expect(vocabulary).toMatchObject(wanted);
    expect(parseVocabulary(vocabularyJson(vocabulary))).toEqual(vocabulary);
  });

  it("reads the very file that is named, and says where there is none", async () => {
    await put({
      "a.txt": "some text to train on",
      "t/mine.json": '{"model":{"type":"WordPiece"}}',
      "t/tokenizer.json": "{}",
      "t/none/a.txt": "",
    });
    const corpus = await openCorpus(data({ text: join(folder, "a.txt") }));
    const said = (tokenizer: string): Promise<unknown> =>
      buildVocabulary(corpus, data({ tokenizer: join(folder, tokenizer) })).catch((error: Error) =>
        error.message.replaceAll(folder, "DIR"),
      );
    expect(await said("t/mine.json")).toMatch(
      /^data\.tokenizer: DIR\/t\/mine\.json: .*model\.type must be "BPE"/,
    );
    expect(await said("t/none")).toMatch(/^data\.tokenizer: DIR\/t\/none must hold tokenizer\.json/);
    expect(await said("no.json")).toBe(
      "data.tokenizer: DIR/no.json must be a tokenizer's folder or file: no such file",
    );
    expect(await said("word")).toBe("data.tokenizer: DIR/word: no such file; did you mean words?");
  });
});

describe("encodeSplit", () => {
  it("gives the same tokens from memory and from a file, which is written once", async () => {
    await put({ "t/a.txt": "the whale and the ship\nthe sea", "t/b.txt": "a ship\n" });
    for (const tokenizer of ["characters", "words"]) {
      const settings = data({ text: join(folder, "t"), tokenizer, trainFraction: 0.8 });
      const corpus = await openCorpus(settings);
      const vocabulary = await buildVocabulary(corpus, settings);
      const tokens = join(folder, tokenizer);
      for (const split of ["train", "valid"] as SplitName[]) {
        const memory = await encodeSplit(corpus, split, vocabulary, { folder: tokens });
        expect(await readdir(tokens).catch(() => [])).toEqual(split === "train" ? [] : expect.anything());
        const file = await encodeSplit(corpus, split, vocabulary, { folder: tokens, onDiskFrom: 1 });
        const again = await encodeSplit(corpus, split, vocabulary, { folder: tokens, onDiskFrom: 1 });
        for (const one of [file, again]) {
          expect([...one.source.read(0, one.tokens)]).toEqual([...memory.source.read(0, memory.tokens)]);
          const { source: _, close: __, ...counts } = memory;
          expect(one).toMatchObject(counts);
          one.close();
        }
        if (split === "train") {
          const joined = (await texts(corpus.pieces(split, "characters"))).map((text) => [
            ...encode(vocabulary, text).ids,
          ]);
          expect([...memory.source.read(0, memory.tokens)]).toEqual(joined.flat());
          const [name] = (await readdir(tokens)).filter((one) => one.endsWith(".tokens"));
          const { mtimeMs } = await stat(join(tokens, name as string));
          (await encodeSplit(corpus, split, vocabulary, { folder: tokens, onDiskFrom: 1 })).close();
          expect((await stat(join(tokens, name as string))).mtimeMs).toBe(mtimeMs);
        }
      }
    }
  });
});
