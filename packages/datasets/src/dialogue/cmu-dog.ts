import { DatasetError } from "../errors.js";
import { bytesSha256 } from "../token-hash.js";
import type { Conversation, FilmDocument } from "./conversation.js";
import { member, parseJson, wrong } from "./json-field.js";
import { parseConversation } from "./parse-conversation.js";
import { parseDocument } from "./parse-document.js";

/** CMU-DoG, the CMU Document Grounded Conversations data set. */
export interface CmuDog {
  /** By their `index`. */
  readonly documents: ReadonlyMap<number, FilmDocument>;
  /** In the order of their names, as all splits. */
  readonly train: readonly Conversation[];
  readonly valid: readonly Conversation[];
  readonly test: readonly Conversation[];
  /** SHA-256 over the names and the SHA-256 digests of all files that were read, in the order of names. */
  readonly sha256: string;
}

/** A file of the data set. */
export interface CmuDogFile {
  /** Below the data set's folder: `Conversations/train/….json`, `WikiData/….json`. */
  readonly name: string;
  /** What errors call it. */
  readonly file: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Most bytes of all files together, and of an archive of them; eight times the data set's. */
export const mostBytes: number = 256 * 2 ** 20;

/** The folders that hold the data set's files. */
export const cmuDogFolders = [
  "Conversations/train",
  "Conversations/valid",
  "Conversations/test",
  "WikiData",
] as const;

/**
 * The data set from its files, wherever they come from; untrusted. Files of
 * other names are passed over.
 *
 * @param where what errors call the whole.
 * @throws {DatasetError} `ERR_DATASET` with `file`, and `offset` or `field`
 *   where there is one: a folder without files, a file twice, one that is no
 *   UTF-8 or no JSON, a field of another kind, a conversation in which nothing
 *   is said or whose document is missing, two documents with one index.
 * @see Zhou, Prabhumoye & Black (2018), "A Dataset for Document Grounded
 *   Conversations", https://arxiv.org/abs/1809.07358
 */
export async function cmuDogFromFiles(where: string, files: Iterable<CmuDogFile>): Promise<CmuDog> {
  const folders = byFolder(files);
  const empty = cmuDogFolders.filter((folder) => (folders.get(folder) ?? []).length === 0);
  if (empty.length > 0) {
    throw new DatasetError(
      `cmuDog: ${where} must hold .json files in ${empty.join(", ")} as the data set does, got none`,
      { file: where },
    );
  }
  const of = (folder: (typeof cmuDogFolders)[number]): readonly CmuDogFile[] => folders.get(folder) ?? [];
  const documents = documentsOf(of("WikiData"));
  const conversations = (split: "train" | "valid" | "test"): Conversation[] =>
    of(`Conversations/${split}`).map((file) => conversationOf(file, documents));
  return {
    documents,
    train: conversations("train"),
    valid: conversations("valid"),
    test: conversations("test"),
    sha256: await digestOf([...folders.values()].flat()),
  };
}

/** The `.json` files of each folder in the order of their names. */
function byFolder(files: Iterable<CmuDogFile>): Map<string, CmuDogFile[]> {
  const folders = new Map<string, CmuDogFile[]>(cmuDogFolders.map((folder) => [folder, []]));
  for (const one of files) {
    const [, folder = "", name = ""] = /^(.*)\/([^/]*)$/.exec(one.name) ?? [];
    if (name.endsWith(".json") && !name.startsWith(".")) folders.get(folder)?.push(one);
  }
  for (const list of folders.values()) {
    list.sort((a, b) => (a.name < b.name ? -1 : 1));
    const twice = list.find(({ name }, i) => name === list[i + 1]?.name);
    if (twice)
      throw new DatasetError(`cmuDog: ${twice.file} must be there once, got it twice`, { file: twice.file });
  }
  return folders;
}

function documentsOf(files: readonly CmuDogFile[]): Map<number, FilmDocument> {
  const documents = new Map<number, FilmDocument>();
  for (const { file, bytes } of files) {
    const json = parseJson(file, bytes);
    const document = parseDocument(json);
    const taken = documents.get(document.index);
    if (taken) {
      throw wrong(
        member(json, "wikiDocumentIdx"),
        "be an index of its own",
        `${document.index}, that of ${JSON.stringify(taken.film)} too`,
      );
    }
    documents.set(document.index, document);
  }
  return documents;
}

function conversationOf(
  { name, file, bytes }: CmuDogFile,
  documents: ReadonlyMap<number, FilmDocument>,
): Conversation {
  const json = parseJson(file, bytes);
  const stem = name.slice(name.lastIndexOf("/") + 1, -".json".length);
  const conversation = parseConversation(stem, json);
  if (documents.has(conversation.document)) return conversation;
  throw wrong(member(json, "wikiDocumentIdx"), "be the index of a document in WikiData");
}

async function digestOf(files: readonly CmuDogFile[]): Promise<string> {
  const digests: string[] = [];
  for (const { name, bytes } of files) digests.push(`${name} ${await bytesSha256(bytes)}`);
  return bytesSha256(new TextEncoder().encode(digests.join("\n")));
}
