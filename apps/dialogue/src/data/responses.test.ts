import { existsSync } from "node:fs";
import { join } from "node:path";
import { dataFolder } from "@infinite-former/command-line";
import { type CmuDog, decode, dialogueCoder, turnsOf } from "@infinite-former/datasets";
import { readCmuDog } from "@infinite-former/datasets/node";
import { skipEach } from "@infinite-former/tooling-vitest/skip";
import { beforeAll, describe, expect, it } from "vitest";
import { tinyTokenizer } from "../../../../packages/datasets/test/tiny-tokenizer.js";
import type { DataSettings } from "../config/dialogue-config.js";
import { presets } from "../config/presets.js";
import { evenlySpread, responsesOf, trainingOrder } from "./responses.js";

const settings = presets[0]?.data as DataSettings;

describe("trainingOrder", () => {
  it("has every response once an epoch, in an order of each epoch's own, wherever it is entered", () => {
    const order = trainingOrder(7, 3);
    const all = Array.from({ length: 21 }, (_, place) => order(place));
    const epochs = [0, 7, 14].map((start) => all.slice(start, start + 7));
    for (const epoch of epochs) expect([...epoch].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(new Set(epochs.map(String)).size).toBe(3);
    const other = trainingOrder(7, 3);
    expect([15, 2, 9].map(other)).toEqual([all[15], all[2], all[9]]);
    expect(Array.from({ length: 7 }, (_, place) => trainingOrder(7, 4)(place))).not.toEqual(epochs[0]);
  });
});

describe("evenlySpread", () => {
  it("gives all, or so many of them from the first on at equal distances", () => {
    expect(evenlySpread(3, 9)).toEqual([0, 1, 2]);
    expect(evenlySpread(10, 4)).toEqual([0, 2, 5, 7]);
    expect(evenlySpread(5, 0)).toEqual([]);
  });
});

const path = join(dataFolder(import.meta.url) ?? "", "cmu-dog.tar.gz");

describe("responsesOf CMU-DoG", () => {
  skipEach(!existsSync(path) && "no cmu-dog.tar.gz: set INFINITE_FORMER_DATA to the folder that has it");
  let data: CmuDog;
  beforeAll(async () => {
    if (existsSync(path)) data = await readCmuDog(path);
  });

  it("has the fourth turn and all after it, each with document and turns before", () => {
    const coder = dialogueCoder(tinyTokenizer());
    const responses = responsesOf(data, "valid", coder, settings);
    const turns = data.valid.map((conversation) => turnsOf(conversation));
    const expected = turns.flatMap((all) => all.slice(3).map(({ text }) => text));
    expect(responses.length).toBe(expected.length);
    const { speaker1, speaker2, end, document } = coder.tokens;
    for (const place of evenlySpread(responses.length, 60)) {
      const { past, response, text, type, other } = responses.at(place);
      expect(text).toBe(expected[place]);
      expect(decode(coder.vocabulary, response)).toBe(text);
      expect([type, other].sort()).toEqual([speaker1, speaker2].sort());
      expect([past.tokens[0], past.types[0]]).toEqual([document, document]);
      expect([past.tokens.at(-1), past.types.at(-1)]).toEqual([type, type]);
      const spoken = past.tokens.subarray(past.tokens.indexOf(end) + 1);
      const turn = spoken.filter((id) => id === speaker1 || id === speaker2).length - 1;
      expect(turn).toBe(responses.at(place).turn);
    }
  });
});
