import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTextCorpus } from "./text-file.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "corpus-"));
});
afterAll(() => rm(folder, { recursive: true }));

const file = async (name: string, bytes: string | Uint8Array): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
};
const fault = (message: string, more: object = {}) =>
  expect.objectContaining({ code: "ERR_DATASET", message: expect.stringContaining(message), ...more });

describe("readTextCorpus", () => {
  it("reads each file as a document", async () => {
    const paths = [await file("a", "\ufeffone\r\n"), await file("b", "two, no newline")];
    const corpus = await readTextCorpus(paths);
    expect(corpus.documents.map(({ path, text, bytes }) => ({ path, text, bytes }))).toEqual([
      { path: paths[0], text: "one\n", bytes: 8 },
      { path: paths[1], text: "two, no newline", bytes: 15 },
    ]);
    expect((await readTextCorpus(paths, { lineEnds: "keep" })).documents[0]!.text).toBe("one\r\n");
  });

  it("has a hash that changes with a byte and with the order of files", async () => {
    const [a, b, c] = [await file("a", "one"), await file("b", "two"), await file("c", "onf")];
    const hashes = [];
    for (const paths of [[a, b], [b, a], [c, b], [a]]) hashes.push((await readTextCorpus(paths)).sha256);
    expect(new Set(hashes).size).toBe(4);
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
    expect((await readTextCorpus([a, b])).sha256).toBe(hashes[0]);
  });

  it("names the file that is missing, empty, broken, too large or none", async () => {
    const missing = join(folder, "missing.txt");
    await expect(readTextCorpus([missing])).rejects.toEqual(
      fault(`${missing} must be a readable text file: no such file`),
    );
    const empty = await file("empty", "\ufeff");
    await expect(readTextCorpus([empty])).rejects.toEqual(fault(`${empty} must have text`, { file: empty }));
    const broken = await file("broken", Uint8Array.of(65, 0xff));
    await expect(readTextCorpus([broken])).rejects.toEqual(fault("offset 1", { file: broken, offset: 1 }));
    await expect(readTextCorpus([folder])).rejects.toEqual(fault("got a directory", { file: folder }));
    await expect(readTextCorpus([])).rejects.toEqual(fault("at least one text file"));
  });

  it("refuses a huge file before reading it", async () => {
    const huge = await file("huge", "x");
    await truncate(huge, 10 * 2 ** 30); // sparse: takes no room
    const before = process.memoryUsage().rss;
    await expect(readTextCorpus([huge])).rejects.toEqual(
      fault("at most 268435456 bytes, since texts are held in memory whole, got 10737418240"),
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20);
  });
});
