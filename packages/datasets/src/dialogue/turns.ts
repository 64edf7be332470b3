import { type Conversation, onOneLine, type Speaker } from "./conversation.js";

/** What one user says before the other answers. */
export interface Turn {
  readonly speaker: Speaker;
  /** On one line, one space wherever there was white space; never blank. */
  readonly text: string;
  /** Section of the document on show when it was said, its end where it spans several. */
  readonly section: number;
}

/**
 * What is said, without blank utterances: `joined` makes one turn of all that
 * a user writes in a row, so that the two take turns (22.6 turns a
 * conversation in CMU-DoG, where its paper counts 21.4); `single` gives each
 * utterance by itself.
 */
export function turnsOf(conversation: Conversation, turns: "joined" | "single" = "joined"): Turn[] {
  const found: Turn[] = [];
  for (const utterance of conversation.utterances) {
    const { speaker, section } = utterance;
    const text = onOneLine(utterance.text);
    if (text === "") continue;
    const last = found.at(-1);
    if (turns === "joined" && last?.speaker === speaker) {
      found[found.length - 1] = { speaker, section, text: `${last.text} ${text}` };
    } else {
      found.push({ speaker, section, text });
    }
  }
  return found;
}
