import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Files by name: JSON values, or bytes as they are. */
export type SmallFiles = Readonly<Record<string, unknown>>;

/** A document in the data set's format, made up. */
export function smallDocument(index: number): Record<string, unknown> {
  return {
    "0": {
      cast: ["A. Harpooner as Queequeg", "B. Mate as Starbuck"],
      critical_response: ["Wide and deep.", "Mostly water"],
      director: "J. H.",
      genre: "Sea",
      introduction: `Film ${index} is a film\nabout a whale.`,
      movieName: `The Whale ${index}`,
      rating: ["Metacritic: 90/100", "CinemaScore: A"],
      year: "1956",
    },
    "1": "The ship leaves. ",
    "2": "The whale comes.",
    "3": "The ship sinks.",
    wikiDocumentIdx: index,
  };
}

/** A conversation in the data set's format, made up: user2 opens with two utterances. */
export function smallConversation(document: number): Record<string, unknown> {
  const said = (uid: string, text: string, docIdx: number) => {
    return { docIdx, text, uid, utcTimestamp: "2018-03-01T00:11:35.166Z" };
  };
  return {
    date: "2018-03-01T00:11:05.970Z",
    history: [
      said("user2", "Hi!\n", 0),
      said("user2", " Seen  the whale?", 0),
      said("user1", "No. Is it good?", 0),
      said("user1", " \t\n", 1),
      said("user2", "It is “wide” 🐳", 1),
      said("user1", "Then I will.", 3),
    ],
    rating: 3,
    status: 1,
    uid1response: { response: [1, 2], type: "finish" },
    whoSawDoc: ["user2"],
    wikiDocumentIdx: document,
  };
}

/** A whole data set of two documents and four conversations. */
export function smallDialogues(): SmallFiles {
  return {
    "WikiData/The_Whale.json": smallDocument(0),
    "WikiData/The_Other.json": smallDocument(7),
    "Conversations/train/b.json": smallConversation(7),
    "Conversations/train/a_nopay.json": { ...smallConversation(0), rating: 1, status: false },
    "Conversations/valid/c.json": { ...smallConversation(0), whoSawDoc: ["user1", "user2"] },
    "Conversations/test/d.json": smallConversation(0),
    "Conversations/train/._b.json": Uint8Array.of(0, 5, 22, 7), // as macOS leaves them in archives
    "README.md": new TextEncoder().encode("Not read."),
  };
}

export function bytesOf(value: unknown): Uint8Array<ArrayBuffer> {
  return value instanceof Uint8Array
    ? new Uint8Array(value)
    : new TextEncoder().encode(JSON.stringify(value));
}

/** Writes files into a folder, all but those that are `undefined`. */
export async function writeFiles(folder: string, files: SmallFiles): Promise<void> {
  for (const [name, value] of Object.entries(files)) {
    if (value === undefined) continue;
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytesOf(value));
  }
}
