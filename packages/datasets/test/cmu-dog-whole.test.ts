import { skipEach } from "@infinite-former/tooling-vitest/skip";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type CmuDog,
  type Conversation,
  dialogueCoder,
  dialogueInputs,
  documentSections,
  turnsOf,
} from "../src/index.js";
import { readCmuDog } from "../src/node.js";
import { outsideData } from "./outside-data.js";
import { tinyTokenizer } from "./tiny-tokenizer.js";

const { path, missing } = outsideData("cmu-dog.tar.gz");
const splits = ["train", "valid", "test"] as const;

describe("CMU-DoG as it is", () => {
  skipEach(missing);
  let set: CmuDog;
  beforeAll(async () => {
    if (!missing) set = await readCmuDog(path);
  });
  const each = (measure: (conversations: readonly Conversation[]) => number): number[] =>
    splits.map((split) => measure(set[split]));
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

  it("is read whole: 4,221 conversations and 30 documents", () => {
    expect(set.sha256).toBe("34accf833f03281c925c9378ce56869dd4945936ec84e50e0b7ae8bdd82c6f63");
    expect(each((all) => all.length)).toEqual([3373, 229, 619]);
    expect([...set.documents.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    for (const document of set.documents.values()) {
      for (const section of documentSections(document)) expect(section).toMatch(/^\S.*\S$/);
    }
  });

  it("has as many utterances and turns as counted apart from this code", () => {
    expect(each((all) => sum(all.map(({ utterances }) => utterances.length)))).toEqual([
      107_792, 7030, 19_375,
    ]);
    const turns = (kind: "joined" | "single") =>
      each((all) => sum(all.map((one) => turnsOf(one, kind).length)));
    expect(turns("single")).toEqual([107_775, 7030, 19_375]); // 17 of the training split are blank
    expect(turns("joined")).toEqual([76_294, 5106, 13_905]);
  });

  it("says who saw the document, how good the talk was, and which section was on show", () => {
    const both = (all: readonly Conversation[]) => all.filter(({ readers }) => readers.length === 2).length;
    expect(each(both)).toEqual([1645, 120, 283]);
    expect(each((all) => all.filter(({ rating }) => rating === 3).length)).toEqual([507, 50, 80]);
    expect(each((all) => all.filter(({ finished }) => finished).length)).toEqual([2477, 172, 464]);
    const last = (all: readonly Conversation[]) =>
      sum(all.map(({ utterances }) => utterances.filter(({ section }) => section === 3).length));
    expect(each(last)).toEqual([34_310, 2153, 5793]);
  });

  it("becomes inputs in which every turn is there once", () => {
    const coder = dialogueCoder(tinyTokenizer());
    let responses = 0;
    for (const one of set.valid) {
      const turns = turnsOf(one);
      const document = set.documents.get(one.document)!;
      const inputs = dialogueInputs(coder, document, one);
      expect(inputs.words).toHaveLength(turns.length);
      expect(inputs.conversation.tokens).toHaveLength(
        turns.length + sum(inputs.words.map(([a, b]) => b - a)),
      );
      expect(inputs.responses.map(({ text }) => text)).toEqual(turns.slice(3).map(({ text }) => text));
      responses += inputs.responses.length;
    }
    expect(responses).toBe(sum(set.valid.map((one) => Math.max(0, turnsOf(one).length - 3))));
  });
});
