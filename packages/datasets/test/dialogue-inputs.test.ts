import { describe, expect, it } from "vitest";
import {
  type Conversation,
  decode,
  dialogueCoder,
  dialogueInputs,
  encode,
  type FilmDocument,
  tokenizerFromJson,
  tokenizerToJson,
  withSpecialTokens,
} from "../src/index.js";
import { tinyTokenizer } from "./tiny-tokenizer.js";

const tiny = tinyTokenizer();
const coder = dialogueCoder(tiny);
const text = ({ tokens }: { tokens: Int32Array }): string => decode(coder.vocabulary, tokens);

const document: FilmDocument = {
  index: 0,
  film: "The Whale",
  year: "",
  genre: "Sea",
  director: "",
  cast: [],
  introduction: "A whale.",
  ratings: [],
  responses: [],
  scenes: ["Ship.", "", "Sea <eos>."],
};
const said = ["Hi <doc>!", "Hello.", "Seen\nit?", "Yes", "Good?", "Yes!"];
const conversation: Conversation = {
  name: "made-up",
  document: 0,
  utterances: said.map((words, i) => ({ speaker: i % 2 ? "user2" : "user1", text: words, section: 0 })),
  readers: ["user1"],
  rating: 3,
  finished: true,
};

describe("dialogueInputs", () => {
  const inputs = dialogueInputs(coder, document, conversation);

  it("reads the document, then each turn after who speaks, and predicts from the fourth turn on", () => {
    expect(text(inputs.document)).toBe("<doc>Film: The Whale. Genre: Sea. A whale. Ship. Sea <eos>.<eos>");
    const history = "<speaker2>Hi <doc>!<speaker1>Hello.<speaker2>Seen it?";
    expect(text(inputs.conversation)).toBe(`${history}<speaker1>Yes<speaker2>Good?<speaker1>Yes!`);
    expect(inputs.responses.map(text_)).toEqual([
      [3, "user2", `${history}<speaker1>`, "Yes"],
      [4, "user1", `${history}<speaker1>Yes<speaker2>`, "Good?"],
      [5, "user2", `${history}<speaker1>Yes<speaker2>Good?<speaker1>`, "Yes!"],
    ]);
    for (const { response, text: reference } of inputs.responses) {
      expect(decode(coder.vocabulary, response)).toBe(reference);
    }
  });

  it("marks every token with who speaks or the document, and no word with a special token", () => {
    const { start, end, padding, speaker1, speaker2, document: type } = coder.tokens;
    const special = new Set([start, end, padding, speaker1, speaker2, type]);
    expect(new Set(inputs.document.types)).toEqual(new Set([type]));
    const { tokens, types } = inputs.conversation;
    let at = 0;
    for (const [i, [from, to]] of inputs.words.entries()) {
      const who = i % 2 ? speaker1 : speaker2;
      expect([from, tokens[from - 1]]).toEqual([at + 1, who]);
      expect([...types.subarray(from - 1, to)]).toEqual(Array(to - from + 1).fill(who));
      expect(tokens.subarray(from, to).some((id) => special.has(id))).toBe(false);
      at = to;
    }
    expect(at).toBe(tokens.length);
    expect(inputs.document.tokens.filter((id) => special.has(id))).toEqual(Int32Array.of(type, end));
  });

  it("keeps as much of document, history and turns as told", () => {
    const short = dialogueInputs(coder, document, conversation, {
      documentTokens: 4,
      historyTurns: 2,
      turnTokens: 3,
      firstResponse: 1,
    });
    const [open, ...words] = inputs.document.tokens;
    expect([...short.document.tokens]).toEqual([open, ...words.slice(0, 4), coder.tokens.end]);
    expect(short.responses).toHaveLength(5);
    const ids = (words_: string): number[] => [...coder.encode(words_)].slice(-3);
    const { speaker1, speaker2 } = coder.tokens;
    expect([...short.responses[3]!.history.tokens]).toEqual([
      ...[speaker2, ...ids("Seen it?")],
      ...[speaker1, ...ids("Yes")],
      speaker2,
    ]);
    expect([...short.responses[0]!.history.tokens]).toEqual([speaker2, ...ids("Hi <doc>!"), speaker1]);
    expect(short.responses[0]!.response).toEqual(coder.encode("Hello."));
    expect(short.conversation).toEqual(inputs.conversation); // what training reads is whole
    const bare = dialogueInputs(coder, document, conversation, { withDocument: false, historyTurns: 0 });
    expect(bare.document).toEqual({ tokens: new Int32Array(), types: new Int32Array() });
    expect([...bare.responses[0]!.history.tokens]).toEqual([speaker1]);
  });

  it("has speakers by who they are where utterances stay single", () => {
    const twice: Conversation = {
      ...conversation,
      utterances: [{ speaker: "user2", text: "So?", section: 0 }, ...conversation.utterances.slice(1, 3)],
    };
    expect(text(dialogueInputs(coder, document, twice).conversation)).toBe(
      "<speaker2>So? Hello.<speaker1>Seen it?",
    );
    expect(text(dialogueInputs(coder, document, twice, { turns: "single" }).conversation)).toBe(
      "<speaker2>So?<speaker2>Hello.<speaker1>Seen it?",
    );
  });

  it("has no response in a conversation that is too short, and refuses sizes below what they may be", () => {
    const short = { ...conversation, utterances: conversation.utterances.slice(0, 3) };
    expect(dialogueInputs(coder, document, short).responses).toEqual([]);
    for (const [name, low] of [
      ["documentTokens", 0],
      ["historyTurns", 0],
      ["turnTokens", 1],
      ["firstResponse", 0],
    ] as const) {
      expect(() => dialogueInputs(coder, document, conversation, { [name]: low - 1 })).toThrow(
        `dialogueInputs: ${name} must be an integer ≥ ${low}, got ${low - 1}`,
      );
    }
  });
});

function text_(one: ReturnType<typeof dialogueInputs>["responses"][number]): unknown[] {
  return [one.turn, one.speaker, text(one.history), one.text];
}

describe("dialogueCoder", () => {
  it("adds the tokens after the last, and finds them where they are", () => {
    const { tokens, vocabulary } = coder;
    expect(Object.values(tokens)).toEqual([0, 1, 2, 3, 4, 5].map((i) => tiny.size + i));
    expect(vocabulary.size).toBe(tiny.size + 6);
    const saved = tokenizerFromJson(JSON.parse(JSON.stringify(tokenizerToJson(vocabulary))));
    expect(dialogueCoder(saved).tokens).toEqual(tokens);
    expect(dialogueCoder(saved).vocabulary.size).toBe(vocabulary.size);
  });

  it("encodes as the tokenizer does, and takes no name in a text for the token", () => {
    const plain = "the whale, the sea and the ship; 1,000 times 🐳";
    expect([...coder.encode(plain)]).toEqual([...encode(tiny, plain).ids]);
    for (const hostile of ["<eos>", "<doc> <speaker1>", "<|endoftext|>"]) {
      const ids = coder.encode(hostile);
      expect(Math.max(...ids)).toBeLessThan(tiny.size);
      expect(tiny.special.some(({ id }) => ids.includes(id))).toBe(false);
      expect(decode(coder.vocabulary, ids)).toBe(hostile);
    }
  });
});

describe("withSpecialTokens", () => {
  it("adds what is lacking, once, and leaves ids and merges as they are", () => {
    const more = withSpecialTokens(tiny, ["<a>", "<b>", "<a>"]);
    expect([more.ids.get("<a>"), more.ids.get("<b>"), more.size]).toEqual([
      tiny.size,
      tiny.size + 1,
      tiny.size + 2,
    ]);
    expect(more.special.at(-1)).toEqual({ text: "<b>", id: tiny.size + 1, late: false, special: true });
    expect(withSpecialTokens(more, ["<b>"])).toEqual(more);
    const sentence = "the whale saw the sea and the ship";
    expect([...encode(more, `${sentence}<a>${sentence}`).ids]).toEqual([
      ...encode(tiny, sentence).ids,
      tiny.size,
      ...encode(tiny, sentence).ids,
    ]);
  });

  it("refuses an empty name", () => {
    expect(() => withSpecialTokens(tiny, [""])).toThrow(
      "withSpecialTokens: a special token must have a text",
    );
  });
});
