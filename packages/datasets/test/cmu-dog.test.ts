import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { packTar } from "modern-tar";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { documentSections } from "../src/index.js";
import { readCmuDog } from "../src/node.js";
import { bytesOf, type SmallFiles, smallDialogues, writeFiles } from "./small-dialogues.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "infinite-former-dialogues-"));
  await writeFiles(join(folder, "set"), smallDialogues());
});
afterAll(() => rm(folder, { recursive: true }));

const tarOf = (files: SmallFiles, prefix = ""): Promise<Uint8Array> =>
  packTar(
    Object.entries(files).map(([name, value]) => {
      const body = bytesOf(value);
      return { header: { name: prefix + name, size: body.length }, body };
    }),
  );

describe("readCmuDog", () => {
  it("gives conversations with who says what about which section", async () => {
    const { train, valid, test } = await readCmuDog(join(folder, "set"));
    expect(train.map(({ name, document }) => [name, document])).toEqual([
      ["a_nopay", 0],
      ["b", 7],
    ]);
    expect(train[0]).toMatchObject({ rating: 1, finished: false, readers: ["user2"] });
    expect(valid[0]).toMatchObject({ name: "c", readers: ["user1", "user2"] });
    expect(test).toEqual([
      {
        name: "d",
        document: 0,
        utterances: [
          { speaker: "user2", text: "Hi!\n", section: 0 },
          { speaker: "user2", text: " Seen  the whale?", section: 0 },
          { speaker: "user1", text: "No. Is it good?", section: 0 },
          { speaker: "user1", text: " \t\n", section: 1 },
          { speaker: "user2", text: "It is “wide” 🐳", section: 1 },
          { speaker: "user1", text: "Then I will.", section: 3 },
        ],
        readers: ["user2"],
        rating: 3,
        finished: true,
      },
    ]);
  });

  it("gives documents by their index, section by section", async () => {
    const { documents } = await readCmuDog(join(folder, "set"));
    expect([...documents.keys()].sort()).toEqual([0, 7]);
    expect(documents.get(7)).toMatchObject({ film: "The Whale 7", year: "1956", ratings: { length: 2 } });
    expect(documentSections(documents.get(7)!)).toEqual([
      "Film: The Whale 7 (1956). Genre: Sea. Director: J. H.. " +
        "Cast: A. Harpooner as Queequeg; B. Mate as Starbuck. Film 7 is a film about a whale. " +
        "Ratings: Metacritic: 90/100; CinemaScore: A. Critical response: Wide and deep.; Mostly water.",
      "The ship leaves.",
      "The whale comes.",
      "The ship sinks.",
    ]);
  });

  it("gives the same from an archive, compressed or not, wherever its folders lie", async () => {
    const want = await readCmuDog(join(folder, "set"));
    const tar = await tarOf(smallDialogues());
    const deeper = await tarOf({ ...smallDialogues(), "notes/WikiData.txt": "" }, "./datasets-CMU_DoG/");
    for (const [name, bytes] of [
      ["set.tar.gz", gzipSync(tar)],
      ["set.tar", tar],
      ["deeper.tgz", gzipSync(deeper)],
    ] as const) {
      await writeFile(join(folder, name), bytes);
      expect(await readCmuDog(join(folder, name)), name).toEqual(want);
    }
  });

  it("has a hash that changes with any byte and any name", async () => {
    const hash = async (files: SmallFiles): Promise<string> => {
      const path = join(folder, "hashed.tar");
      await writeFile(path, await tarOf(files));
      return (await readCmuDog(path)).sha256;
    };
    const files = smallDialogues();
    const { "README.md": _, ...without } = files;
    const { "Conversations/test/d.json": d, ...rest } = files;
    const first = await hash(files);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await hash(without)).toBe(first); // what is not read does not count
    expect(await hash({ ...rest, "Conversations/test/e.json": d })).not.toBe(first);
    expect(await hash({ ...rest, "Conversations/test/d.json": { ...(d as object), rating: 2 } })).not.toBe(
      first,
    );
  });
});
