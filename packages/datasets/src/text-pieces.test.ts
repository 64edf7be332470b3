import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { characterVocabulary } from "./character-vocabulary.js";
import { encodePieces } from "./encode-pieces.js";
import { type TextPiece, type TextPiecesOptions, textPieces } from "./text-pieces.js";
import { utf8Pieces } from "./utf8-pieces.js";
import { encode } from "./vocabulary.js";
import { countWords, wordVocabulary } from "./word-vocabulary.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "text-pieces-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(content: string | Uint8Array, name = "text.txt"): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function all<T>(pieces: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const piece of pieces) found.push(piece);
  return found;
}

const joined = (pieces: readonly TextPiece[]): string => pieces.map(({ text }) => text).join("");

/** Text of long and short words, many bytes a character, all kinds of white space and line ends. */
const texts = fc
  .array(
    fc.constantFrom("a", "whale", " ", "\n", "\r\n", "\r", "\t", "é", "鯨", "🐋", "\u00a0", "x".repeat(9)),
    {
      maxLength: 60,
    },
  )
  .map((parts) => parts.join(""));

describe("utf8Pieces", () => {
  it("gives the file's text whatever the size of its chunks, with line ends as LF or kept, and all bytes", async () => {
    await fc.assert(
      fc.asyncProperty(
        texts,
        fc.integer({ min: 1, max: 16 }),
        fc.boolean(),
        async (text, chunkBytes, mark) => {
          const bytes = new TextEncoder().encode(mark ? `\ufeff${text}` : text);
          const path = await file(bytes);
          const hash = createHash("sha256");
          const onBytes = (chunk: Uint8Array): void => void hash.update(chunk);
          expect((await all(utf8Pieces(path, { chunkBytes, onBytes }))).join("")).toBe(
            text.replace(/\r\n?/g, "\n"),
          );
          expect(hash.digest("hex")).toBe(createHash("sha256").update(bytes).digest("hex"));
          expect((await all(utf8Pieces(path, { chunkBytes, lineEnds: "keep" }))).join("")).toBe(text);
        },
      ),
      { seed: 11, numRuns: 60 },
    );
  });

  it.each([1, 2, 3, 7, 100])(
    "names the offset of a broken byte, read %i bytes at a time",
    async (chunkBytes) => {
      const bytes = new TextEncoder().encode("鯨 whale é");
      for (const at of [0, 1, 5, bytes.length - 1]) {
        const broken = Uint8Array.from(bytes);
        broken[at] = 0xff;
        const offset = at === 1 ? 0 : at === bytes.length - 1 ? bytes.length - 2 : at;
        await expect(all(utf8Pieces(await file(broken), { chunkBytes }))).rejects.toMatchObject({
          code: "ERR_DATASET",
          offset,
          message: expect.stringContaining(`at offset ${offset}`),
        });
      }
    },
  );

  it("refuses a character that the file's end cuts, a missing file and a folder", async () => {
    await expect(all(utf8Pieces(await file(Uint8Array.of(97, 0xe9, 0xaf))))).rejects.toMatchObject({
      offset: 1,
    });
    await expect(all(utf8Pieces(join(folder, "none")))).rejects.toThrow(/no such file/);
    await expect(all(utf8Pieces(folder))).rejects.toThrow(/got a directory/);
  });
});

describe("textPieces", () => {
  it("cuts before white space only, and loses nothing", async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 16 }), async (text, chunkBytes) => {
        const pieces = await all(textPieces([await file(text)], { chunkBytes, lineEnds: "keep" }));
        expect(joined(pieces)).toBe(text);
        pieces.forEach((piece, i) => {
          expect(piece.first).toBe(i === 0);
          if (i > 0) expect(`${pieces[i - 1]!.text.at(-1)}|${piece.text[0]}`).toMatch(/^\S\|[ \n\t]$/u);
        });
      }),
      { seed: 12, numRuns: 60 },
    );
  });

  it("gives words and characters as the whole text has them", async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 16 }), async (text, chunkBytes) => {
        const whole = `a ${text}`.replace(/\r\n?/g, "\n");
        const path = await file(`a ${text}`);
        const counts = new Map<string, number>();
        const words = countWords(counts, whole);
        const lines = whole.split("\n").length - 1;
        for (const vocabulary of [wordVocabulary(counts), characterVocabulary(whole)]) {
          const ids: number[] = [];
          const sink = { append: (some: ArrayLike<number>) => void ids.push(...Array.from(some)) };
          const cut = "characters" in vocabulary ? "characters" : "space";
          const counted = await encodePieces(vocabulary, textPieces([path], { chunkBytes, cut }), sink);
          expect(ids).toEqual([...encode(vocabulary, whole).ids]);
          expect(counted).toEqual({
            tokens: ids.length,
            unknown: 0,
            characters: [...whole].length,
            words: words - lines,
            lines,
          });
        }
      }),
      { seed: 13, numRuns: 60 },
    );
  });

  it("starts a document with each file, and with each line of JSONL", async () => {
    const [one, two] = [await file("one\n", "1.txt"), await file("two", "2.txt")];
    expect(await all(textPieces([one, two], { cut: "characters" }))).toEqual([
      { text: "one\n", first: true },
      { text: "two", first: true },
    ]);
    const lines = await file('{"text":"one\\r\\n"}\n\n{"text":""}\n{"id":1,"text":"two"}', "a.jsonl");
    expect(await all(textPieces([lines], { format: "jsonl", chunkBytes: 3 }))).toEqual([
      { text: "one\n", first: true },
      { text: "two", first: true },
    ]);
  });

  it.each<[string, TextPiecesOptions, string]>([
    ['{"text":"a"}\n{"text":', { format: "jsonl" }, "bad.txt:2: must be JSON"],
    ['{"text":1}', { format: "jsonl" }, 'bad.txt:1: must be an object with a "text"'],
    [
      '{"text":"aaaaaaaaaa"}',
      { format: "jsonl", maxRun: 8, chunkBytes: 4 },
      "bad.txt:1: a line must have at most 8",
    ],
    [
      `ab ${"c".repeat(30)}`,
      { maxRun: 8, chunkBytes: 4 },
      "more than 8 characters without any from character 2 on",
    ],
  ])("refuses %j", async (text, options, message) => {
    const path = await file(text, "bad.txt");
    await expect(all(textPieces([path], options))).rejects.toMatchObject({
      code: "ERR_DATASET",
      file: path,
      message: expect.stringContaining(message),
    });
  });
});
