import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type Conversation,
  type DialogueCoder,
  dialogueCoder,
  dialogueInputs,
  type FilmDocument,
  startsFromEnd,
  type TypedTokens,
} from "../src/index.js";
import { tinyTokenizer } from "./tiny-tokenizer.js";

interface Case {
  readonly document: readonly number[];
  readonly turns: readonly (readonly number[])[];
  readonly withDocument: boolean;
  readonly inputs: readonly number[];
  readonly types: readonly number[];
  readonly labels: readonly number[];
  readonly segments: readonly number[];
  readonly responses: readonly {
    readonly inputs: readonly number[];
    readonly types: readonly number[];
    readonly response: readonly number[];
  }[];
  readonly segmentsBeforeLastResponse: readonly number[];
}

/** By tooling/reference/dialogue_inputs.py, which runs the authors' functions. */
const fixture = new URL("./fixtures/dialogue-inputs.json", import.meta.url);
const { ids, cases } = JSON.parse(readFileSync(fixture, "utf8")) as {
  ids: Record<string, number>;
  cases: Case[];
};

/** Text is ids in digits. */
const coder: DialogueCoder = {
  tokens: {
    start: ids["<bos>"]!,
    end: ids["<eos>"]!,
    padding: ids["<pad>"]!,
    speaker1: ids["<speaker1>"]!,
    speaker2: ids["<speaker2>"]!,
    document: ids["<doc>"]!,
  },
  encode: (text) => Int32Array.from(text.match(/\d+/g) ?? [], Number),
};

function documentOf(tokens: readonly number[]): FilmDocument {
  const nothing = { film: "", year: "", genre: "", director: "", cast: [], ratings: [], responses: [] };
  const half = tokens.length >> 1;
  const [introduction, scene] = [tokens.slice(0, half).join(" "), tokens.slice(half).join(" ")];
  return { index: 0, ...nothing, introduction, scenes: [scene, "", ""] };
}

/** Each turn in two pieces where it has two tokens, with a blank one between. */
function conversationOf(turns: readonly (readonly number[])[]): Conversation {
  const utterances = turns.flatMap((tokens, i) => {
    const pieces = [tokens.slice(0, 1), [], tokens.slice(1)];
    return pieces.map((piece) => ({
      speaker: i % 2 === 0 ? ("user1" as const) : ("user2" as const),
      text: ` ${piece.join(" \n")}\t`,
      section: 0,
    }));
  });
  return { name: "made-up", document: 0, utterances, readers: ["user1"], rating: 3, finished: true };
}

const joined = (...parts: readonly TypedTokens[]): { tokens: number[]; types: number[] } => ({
  tokens: parts.flatMap(({ tokens }) => [...tokens]),
  types: parts.flatMap(({ types }) => [...types]),
});
const lengths = (starts: readonly number[], total: number): number[] =>
  starts.map((start, i) => (starts[i + 1] ?? total) - start);

describe("the authors' inputs for dialogue", () => {
  it("are ten conversations", () => expect(cases).toHaveLength(10));

  it.each(cases.map((one, i) => [i, one] as const))("are ours for conversation %i", (_, one) => {
    const { withDocument } = one;
    const got = dialogueInputs(coder, documentOf(one.document), conversationOf(one.turns), {
      withDocument,
      firstResponse: 1,
    });
    const whole = joined(got.document, got.conversation);
    expect(whole).toEqual({ tokens: one.inputs, types: one.types });
    expect(lengths(startsFromEnd(whole.tokens.length, 512), whole.tokens.length)).toEqual(one.segments);
    const labels = Array<number>(one.inputs.length).fill(-100);
    for (const [start, end] of got.words) {
      for (let at = start; at < end; at++) {
        const place = got.document.tokens.length + at;
        labels[place] = whole.tokens[place] as number;
      }
    }
    expect(labels).toEqual(one.labels);

    expect(got.responses).toHaveLength(one.responses.length);
    for (const [i, want] of one.responses.entries()) {
      const { turn, speaker, history, response } = got.responses[i]!;
      expect([turn, speaker]).toEqual([i + 1, i % 2 === 0 ? "user2" : "user1"]);
      const type = i % 2 === 0 ? ids["<speaker1>"]! : ids["<speaker2>"]!; // theirs is to generate it
      expect(joined(got.document, history)).toEqual({
        tokens: [...want.inputs, type],
        types: [...want.types, type],
      });
      expect([...response]).toEqual(want.response);
    }
    const total = one.responses.at(-1)!.inputs.length;
    expect(lengths(startsFromEnd(total, 512, 461), total)).toEqual(one.segmentsBeforeLastResponse);
  });

  it("have special tokens in the order of ours", () => {
    const { tokens, vocabulary } = dialogueCoder(tinyTokenizer());
    const order = Object.entries(ids).sort(([, a], [, b]) => a - b);
    const ours = order.map(([name]) => vocabulary.ids.get(name)! - tokens.start);
    expect(ours).toEqual([0, 1, 2, 3, 4, 5]);
    expect(order.map(([, id]) => id - ids["<bos>"]!)).toEqual(ours);
    expect(order.map(([name]) => vocabulary.ids.get(name))).toEqual(Object.values(tokens));
  });
});
