import { describe, expect, it } from "vitest";
import { recallSettings } from "./recall-settings.js";
import { recallStream } from "./recall-stream.js";
import { recallWords } from "./recall-text.js";

const { text } = recallSettings("none");
const words = recallWords(text);
const rows = 4;
const { segments, segmentLength: length } = text;

describe("recallStream", () => {
  it("reads whole documents row by row, begins each with an empty memory, and wants what follows questions", () => {
    const stream = recallStream(text, { seed: 5, rows });
    const batches = Array.from({ length: 2 * segments }, (_, step) => stream(step));
    for (let row = 0; row < rows; row++) {
      const fresh = [...batches.keys()].filter((step) => batches[step]?.fresh[row] === 1);
      const first = segments - (row * segments) / rows;
      expect(fresh).toEqual([0, first, first + segments].filter((step) => step < 2 * segments));
      const read = batches.flatMap(({ inputs }) => [...inputs.subarray(row * length, (row + 1) * length)]);
      const wanted = batches.flatMap(({ targets }) => [
        ...targets.subarray(row * length, (row + 1) * length),
      ]);
      const weights = batches.flatMap(({ weights: all }) => [
        ...all.subarray(row * length, (row + 1) * length),
      ]);
      const isQuestion = (id: number): boolean => id >= words.firstQuestion && id < words.firstFact;
      expect(weights).toEqual(read.map((id) => (isQuestion(id) ? 1 : 0)));
      expect(wanted).toEqual(read.map((id, i) => (isQuestion(id) ? read[i + 1] : 0)));
    }
  });

  it("gives the same batch whenever it is asked for, and other texts in other rows, documents and seeds", () => {
    const stream = recallStream(text, { seed: 5, rows });
    const early = stream(3);
    stream(segments + 1);
    expect(stream(3)).toEqual(early);
    const inputs = [0, 1, 2, 3].map((row) => early.inputs.slice(row * length, (row + 1) * length).join(" "));
    expect(new Set(inputs).size).toBe(rows);
    expect(stream(3 + segments).inputs).not.toEqual(early.inputs);
    expect(recallStream(text, { seed: 6, rows })(3).inputs).not.toEqual(early.inputs);
  });
});
