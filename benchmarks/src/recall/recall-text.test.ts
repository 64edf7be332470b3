import { tokensSha256 } from "@infinite-former/datasets";
import { createRng } from "@infinite-former/random";
import { describe, expect, it } from "vitest";
import { probeDistance, probeDistances, trainingDistance } from "./distances.js";
import { recallSettings } from "./recall-settings.js";
import { type DrawDistance, recallDocument, recallWords } from "./recall-text.js";

const { text } = recallSettings("none");
const words = recallWords(text);
const write = (seed: number, distance: DrawDistance) => recallDocument(text, createRng(seed), distance);
const documents = [1, 2, 3, 4, 5, 6].flatMap((seed) => [
  write(seed, trainingDistance),
  write(seed, probeDistance),
]);

describe("recallDocument", () => {
  it("states each fact once before its question, exactly as many segments back as it says", () => {
    for (const { tokens, questions } of documents) {
      expect(tokens).toHaveLength(text.segments * text.segmentLength);
      for (const { position, distance, name, value } of questions) {
        const fact = words.firstFact + name * text.values + value;
        expect(tokens[position]).toBe(words.firstQuestion + name);
        expect(tokens[position + 1]).toBe(fact);
        const places = [...tokens.keys()].filter((place) => tokens[place] === fact);
        expect(places).toEqual([expect.any(Number), position + 1]);
        const [stated = Number.NaN] = places;
        const segmentOf = (place: number): number => Math.floor(place / text.segmentLength);
        expect(segmentOf(position) - segmentOf(stated)).toBe(distance);
        expect(segmentOf(position + 1)).toBe(segmentOf(position));
      }
    }
  });

  it("asks about every fact once, uses no name twice, and has one fact and one question a segment", () => {
    for (const { tokens, questions } of documents) {
      const names = questions.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      const facts = [...tokens].filter((id) => id >= words.firstFact);
      expect(facts).toHaveLength(2 * questions.length);
      const segments = questions.map(({ position }) => Math.floor(position / text.segmentLength));
      expect(new Set(segments).size).toBe(segments.length);
      expect(questions.length).toBeGreaterThan(0.6 * text.segments);
      expect(questions.length).toBeLessThanOrEqual(text.names);
    }
  });

  it("keeps to the distances that it was given", () => {
    const distances = write(9, probeDistance).questions.map(({ distance }) => distance);
    expect(new Set(distances)).toEqual(new Set(probeDistances));
  });

  it("fills the rest with a circle of words that goes on where it was", () => {
    for (const { tokens } of documents) {
      const fillers = [...tokens].filter((id) => id < words.firstQuestion);
      fillers.slice(1).forEach((id, i) => {
        expect(id).toBe((fillers[i]! + 1) % text.fillers);
      });
    }
  });

  it("draws every value as often, whatever the distance", () => {
    const counts = new Array<number>(text.values).fill(0);
    for (const { questions } of documents) for (const { value } of questions) counts[value]! += 1;
    const mean = counts.reduce((sum, count) => sum + count, 0) / text.values;
    for (const count of counts) expect(Math.abs(count - mean)).toBeLessThan(5 * Math.sqrt(mean));
  });

  it("is told by its seed, the same on every machine", async () => {
    const both = [write(1, trainingDistance).tokens, write(1, probeDistance).tokens];
    expect(await tokensSha256(both)).toBe("bbc7f65cd898b6c36a75a90e94acfc87e87046e580245ccca245f1e63e2cad82");
    expect(write(1, trainingDistance)).toEqual(write(1, trainingDistance));
    expect(write(1, trainingDistance)).not.toEqual(write(2, trainingDistance));
  });
});

describe("trainingDistance", () => {
  it("gives every distance up to 64, as many in each octave", () => {
    const rng = createRng(3);
    const drawn = Array.from({ length: 20_000 }, () => trainingDistance(rng));
    expect(new Set(drawn)).toEqual(new Set(Array.from({ length: 65 }, (_, distance) => distance)));
    const share = (from: number, to: number): number =>
      drawn.filter((distance) => distance >= from && distance <= to).length / drawn.length;
    expect(share(0, 0)).toBeCloseTo(0.1, 1);
    for (const from of [1, 2, 4, 8, 16, 32]) expect(share(from, 2 * from - 1)).toBeCloseTo(0.9 / 7, 1);
    expect(share(64, 64)).toBeCloseTo(0.9 / 7, 1);
  });
});

describe("probeDistance", () => {
  it("gives exactly the distances that are asked about", () => {
    const rng = createRng(3);
    const drawn = Array.from({ length: 500 }, () => probeDistance(rng));
    expect(new Set(drawn)).toEqual(new Set(probeDistances));
  });
});
