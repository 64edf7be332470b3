import { describe, expect, it } from "vitest";
import type { Conversation, Speaker } from "./conversation.js";
import { turnsOf } from "./turns.js";

const conversation = (...said: readonly (readonly [Speaker, string, number])[]): Conversation => ({
  name: "made-up",
  document: 0,
  utterances: said.map(([speaker, text, section]) => ({ speaker, text, section })),
  readers: ["user1"],
  rating: 2,
  finished: true,
});

describe("turnsOf", () => {
  const one = conversation(
    ["user2", " \n", 0],
    ["user2", "Hi!\n", 0],
    ["user2", "  Seen \t it? ", 1],
    ["user1", "No.", 1],
    ["user2", "\u00a0", 2],
    ["user1", "Is it good?", 2],
  );

  it("joins what a user writes in a row, also over blank utterances of the other", () => {
    expect(turnsOf(one)).toEqual([
      { speaker: "user2", text: "Hi! Seen it?", section: 1 },
      { speaker: "user1", text: "No. Is it good?", section: 2 },
    ]);
  });

  it("gives each utterance that is not blank by itself where told", () => {
    expect(turnsOf(one, "single").map(({ speaker, text }) => [speaker, text])).toEqual([
      ["user2", "Hi!"],
      ["user2", "Seen it?"],
      ["user1", "No."],
      ["user1", "Is it good?"],
    ]);
  });
});
