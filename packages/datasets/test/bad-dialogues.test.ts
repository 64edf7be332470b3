import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { trial } from "@infinite-former/tooling-vitest/trial";
import { packTar } from "modern-tar";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { cmuDogFromFiles, type DatasetError } from "../src/index.js";
import { readCmuDog } from "../src/node.js";
import { bytesOf, smallConversation, smallDialogues, smallDocument, writeFiles } from "./small-dialogues.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "infinite-former-dialogues-"));
});
afterEach(() => rm(folder, { recursive: true }));

const refusal = (work: Promise<unknown>): Promise<DatasetError> =>
  work.then(
    () => expect.fail("should be refused"),
    (error) => error,
  );

const train = "Conversations/train/b.json";
const wiki = "WikiData/The_Whale.json";
const history = smallConversation(0)["history"] as readonly object[];
const said = (change: object) => ({
  ...smallConversation(0),
  history: [history[0], { ...history[1], ...change }],
});
const first = smallDocument(0)["0"] as object;
const blank = {
  ...first,
  cast: [],
  critical_response: [],
  director: "",
  genre: "",
  introduction: " ",
  rating: [],
};

/** File, what it holds, field and what is said of it. */
const wrongFields: readonly (readonly [file: string, value: unknown, field: string, message: string])[] = [
  [train, [], "", "the value must be an object, got []"],
  [train, { ...smallConversation(0), history: undefined }, "history", "must be a list, got nothing"],
  [train, { ...smallConversation(0), history: {} }, "history", "must be a list, got {}"],
  [
    train,
    { ...smallConversation(0), history: [] },
    "history",
    "must hold at least one utterance with text, got none",
  ],
  [
    train,
    { ...smallConversation(0), history: [{ ...history[0], text: "\n" }] },
    "history",
    "must hold at least one utterance with text, got blank ones only",
  ],
  [train, { ...smallConversation(0), history: ["Hi"] }, "history[0]", 'must be an object, got "Hi"'],
  [train, said({ text: 5 }), "history[1].text", "must be a string, got 5"],
  [train, said({ text: null }), "history[1].text", "must be a string, got null"],
  [train, said({ uid: "user3" }), "history[1].uid", 'must be "user1" or "user2", got "user3"'],
  [train, said({ docIdx: 4 }), "history[1].docIdx", "must be 0 or 1 or 2 or 3, got 4"],
  [train, said({ docIdx: "0" }), "history[1].docIdx", 'must be 0 or 1 or 2 or 3, got "0"'],
  [train, { ...smallConversation(0), rating: 4 }, "rating", "must be 1 or 2 or 3, got 4"],
  [
    train,
    { ...smallConversation(0), status: "done" },
    "status",
    'must be 0 or 1 or false or true, got "done"',
  ],
  [train, { ...smallConversation(0), whoSawDoc: [] }, "whoSawDoc", "must name at least one user, got none"],
  [
    train,
    { ...smallConversation(0), whoSawDoc: ["me"] },
    "whoSawDoc[0]",
    'must be "user1" or "user2", got "me"',
  ],
  [
    train,
    { ...smallConversation(0), wikiDocumentIdx: -1 },
    "wikiDocumentIdx",
    "must be a whole number ≥ 0, got -1",
  ],
  [train, smallConversation(3), "wikiDocumentIdx", "must be the index of a document in WikiData, got 3"],
  [wiki, "text", "", 'the value must be an object, got "text"'],
  [wiki, { ...smallDocument(0), "0": "text" }, "0", 'must be an object, got "text"'],
  [wiki, { ...smallDocument(0), "0": { ...first, cast: "A. H." } }, "0.cast", 'must be a list, got "A. H."'],
  [wiki, { ...smallDocument(0), "0": { ...first, rating: [90] } }, "0.rating[0]", "must be a string, got 90"],
  [wiki, { ...smallDocument(0), "2": undefined }, "2", "must be a string, got nothing"],
  [
    wiki,
    { ...smallDocument(0), wikiDocumentIdx: 0.5 },
    "wikiDocumentIdx",
    "must be a whole number ≥ 0, got 0.5",
  ],
  [
    wiki,
    { ...smallDocument(0), "0": blank, "1": "", "2": "\n", "3": "" },
    "",
    "the value must hold text in its sections, got none",
  ],
  [
    wiki,
    smallDocument(7),
    "wikiDocumentIdx",
    'must be an index of its own, got 7, that of "The Whale 7" too',
  ],
];

describe("a data set of conversations", () => {
  trial(
    { number: 16, fault: "CMU-DoG: a split without conversations, no documents, no such folder" },
    async () => {
      const none = join(folder, "none");
      expect(await refusal(readCmuDog(none))).toMatchObject({
        code: "ERR_DATASET",
        file: none,
        message: `cmuDog: ${none} must be a folder or archive: no such file`,
      });
      const all = "Conversations/train, Conversations/valid, Conversations/test, WikiData";
      expect((await refusal(readCmuDog(folder))).message).toBe(
        `cmuDog: ${folder} must hold .json files in ${all} as the data set does, got none`,
      );
      const { "Conversations/valid/c.json": _, ...files } = smallDialogues();
      await writeFiles(folder, {
        ...files,
        "Conversations/valid/notes.txt": {},
        "Conversations/valid/._c.json": {},
      });
      expect((await refusal(readCmuDog(folder))).message).toBe(
        `cmuDog: ${folder} must hold .json files in Conversations/valid as the data set does, got none`,
      );
    },
  );

  trial({ number: 16, fault: "CMU-DoG: invalid UTF-8 in a conversation" }, async () => {
    const bytes = bytesOf(smallConversation(0));
    bytes[200] = 0xe9;
    await writeFiles(folder, { ...smallDialogues(), [train]: bytes });
    const error = await refusal(readCmuDog(folder));
    expect(error).toMatchObject({ code: "ERR_DATASET", file: join(folder, train), offset: 200 });
    expect(error.message).toContain(
      `${join(folder, train)} must be valid UTF-8, got byte 0xe9 at offset 200`,
    );
  });

  trial({ number: 16, fault: "CMU-DoG: a conversation cut off or no JSON" }, async () => {
    const file = join(folder, train);
    const text = JSON.stringify(smallConversation(0), null, 2);
    for (const [broken, place] of [
      [text.slice(0, -2), `line ${text.split("\n").length - 1}, column 23`],
      [text.replace('"docIdx": 0', '"docIdx": zero'), "line 5, column 17"],
      ["", "line 1, column 1"],
    ] as const) {
      await writeFiles(folder, { ...smallDialogues(), [train]: new TextEncoder().encode(broken) });
      expect(await refusal(readCmuDog(folder))).toMatchObject({
        code: "ERR_DATASET",
        file,
        message: `cmuDog: ${file} must be JSON, got none from ${place} on`,
      });
    }
  });

  trial(
    {
      number: 16,
      fault: `CMU-DoG: ${wrongFields.length} fields that are missing or other than they must be`,
    },
    async () => {
      for (const [name, value, field, message] of wrongFields) {
        const files = Object.entries({ ...smallDialogues(), [name]: value });
        const found = files.map(([one, content]) => ({
          name: one,
          file: `set/${one}`,
          bytes: bytesOf(content),
        }));
        const path = field === "" ? "" : `${field} `;
        expect(await refusal(cmuDogFromFiles("set", found))).toMatchObject({
          code: "ERR_DATASET",
          file: `set/${name}`,
          field,
          message: `cmuDog: set/${name}: ${path}${message}`,
        });
      }
    },
  );

  trial(
    { number: 16, fault: "CMU-DoG: what is no file, a file of gigabytes, and many large ones" },
    async () => {
      await writeFiles(folder, smallDialogues());
      await mkdir(join(folder, "Conversations/train/z.json"));
      expect((await refusal(readCmuDog(folder))).message).toContain("z.json must be a file, got a directory");
      await rm(join(folder, "Conversations/train/z.json"), { recursive: true });
      await truncate(join(folder, train), 4 * 2 ** 30);
      expect((await refusal(readCmuDog(folder))).message).toContain(
        "b.json must have at most 16777216 bytes",
      );
      await rm(join(folder, train));
      for (let i = 0; i < 17; i++) {
        await writeFile(join(folder, `WikiData/${i}.json`), "");
        await truncate(join(folder, `WikiData/${i}.json`), 2 ** 24);
      }
      expect((await refusal(readCmuDog(folder))).message).toBe(
        `cmuDog: ${folder} must hold at most 268435456 bytes, got more`,
      );
    },
  );

  trial({ number: 16, fault: "CMU-DoG: an archive that is cut off, damaged, none, or a bomb" }, async () => {
    const path = join(folder, "set.tar.gz");
    const refused = async (bytes: Uint8Array): Promise<string> => {
      await writeFile(path, bytes);
      const error = await refusal(readCmuDog(path));
      expect(error).toMatchObject({ code: "ERR_DATASET", file: expect.stringContaining(path) });
      return error.message.replace(path, "PATH");
    };
    const entries = Object.entries(smallDialogues()).map(([name, value]) => {
      const body = bytesOf(value);
      return { header: { name, size: body.length }, body };
    });
    const tar = await packTar(entries);
    const zipped = gzipSync(tar);
    expect(await refused(zipped.subarray(0, 300))).toBe(
      "cmuDog: PATH must be a whole .tar.gz: unexpected end of file",
    );
    const flipped = Uint8Array.from(zipped);
    flipped[flipped.length - 6]! ^= 1;
    expect(await refused(flipped)).toBe("cmuDog: PATH must be a whole .tar.gz: incorrect data check");
    expect(await refused(gzipSync(tar.subarray(0, 1500)))).toMatch(
      /^cmuDog: PATH must be a whole \.tar\.gz or \.tar: /,
    );
    expect(await refused(new TextEncoder().encode("a text ".repeat(200)))).toMatch(
      /must be a whole \.tar\.gz or \.tar: /,
    );
    expect(await refused(gzipSync(new Uint8Array(257 * 2 ** 20), { level: 1 }))).toBe(
      "cmuDog: PATH must hold at most 268435456 bytes, got more",
    );
    expect(await refused(await packTar([]))).toContain("must hold .json files in Conversations/train");
    const twice = await packTar([...entries, ...entries.slice(0, 1)]);
    expect(await refused(twice)).toBe(
      "cmuDog: PATH: WikiData/The_Whale.json must be there once, got it twice",
    );
    const link = {
      header: { name: "WikiData/link.json", size: 0, type: "symlink" as const, linkname: "/etc/passwd" },
    };
    await writeFile(path, await packTar([...entries, link]));
    expect((await readCmuDog(path)).documents.size).toBe(2); // links are passed over
  });
});
