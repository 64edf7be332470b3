import type { Conversation, Speaker, Utterance } from "./conversation.js";
import { items, type JsonField, member, oneOf, string, wholeNumber, wrong } from "./json-field.js";

const speakers: readonly Speaker[] = ["user1", "user2"];

/**
 * A conversation from its JSON; untrusted. Fields that are not read (dates,
 * questionnaires, ids of users) may be anything.
 *
 * @param name of the file without `.json`.
 * @throws {DatasetError} `ERR_DATASET` with `file` and `field`: a field of
 *   another kind, or a conversation in which nothing is said.
 */
export function parseConversation(name: string, json: JsonField): Conversation {
  const history = member(json, "history");
  const utterances = items(history).map(parseUtterance);
  const said = utterances.some(({ text }) => text.trim() !== "");
  const count = utterances.length === 0 ? "none" : "blank ones only";
  if (!said) throw wrong(history, "hold at least one utterance with text", count);
  const whoSawDoc = member(json, "whoSawDoc");
  const readers = items(whoSawDoc).map((one) => oneOf(one, speakers));
  if (readers.length === 0) throw wrong(whoSawDoc, "name at least one user", "none");
  return {
    name,
    document: wholeNumber(member(json, "wikiDocumentIdx")),
    utterances,
    readers,
    rating: oneOf(member(json, "rating"), [1, 2, 3]),
    finished: Boolean(oneOf<number | boolean>(member(json, "status"), [0, 1, false, true])),
  };
}

function parseUtterance(json: JsonField): Utterance {
  return {
    speaker: oneOf(member(json, "uid"), speakers),
    text: string(member(json, "text")),
    section: oneOf(member(json, "docIdx"), [0, 1, 2, 3]),
  };
}
