import { sortingTask } from "@infinite-former/datasets";
import { describe, expect, it } from "vitest";
import { countingAccuracy, guessingAccuracy, visibleFrom } from "./counting.js";

const sequences = (length: number, count = 800) => {
  const task = sortingTask({ seed: 0, split: "test", length });
  return Array.from({ length: count }, (_, index) => task.at(index));
};
/** Standard error of a share over 800 sequences of 20 answers, three times. */
const sampling = 0.015;

describe("guessingAccuracy", () => {
  it("is the harmonic mean share: .18 for twenty symbols", () => {
    expect(guessingAccuracy(1)).toBe(1);
    expect(guessingAccuracy(2)).toBe(0.75);
    expect(guessingAccuracy(20)).toBeCloseTo(0.1799, 4);
  });
});

describe("visibleFrom", () => {
  it("reaches back from the start of the segment that a place is in", () => {
    const xl = visibleFrom(236, 64, 192);
    expect([xl(0), xl(19)]).toEqual([0, 0]);
    const short = visibleFrom(236, 64, 64);
    expect(short(0)).toBe(128);
    const straddling = visibleFrom(250, 64, 64);
    expect([straddling(0), straddling(5), straddling(6), straddling(19)]).toEqual([128, 128, 192, 192]);
  });

  it("sees nothing where the memory ends within the answers", () => {
    expect(visibleFrom(10, 4, 0)(5)).toBe(10);
  });
});

describe("countingAccuracy", () => {
  it("answers what it saw most often and shares ties", () => {
    const seen = { sequence: Int32Array.of(2, 2, 1, 0), target: Int32Array.of(2, 1, 0) };
    expect(countingAccuracy([seen], () => 0)).toBe((1 + 0.5 + 1) / 3);
    // Seeing the last two only: 1 and 0 once each, 2 never; after 2 is used, 1 and 0 tie.
    expect(countingAccuracy([seen], () => 2)).toBe((0 + 0.5 + 1) / 3);
  });

  it("guesses where it sees nothing", () => {
    expect(countingAccuracy(sequences(50, 5), () => 50)).toBeCloseTo(guessingAccuracy(20), 12);
  });

  it.each([
    [236, 0.806],
    [492, 0.888],
    [1004, 0.939],
  ])("reaches over all %i symbols what was measured before, ties at random", (length, accuracy) => {
    expect(Math.abs(countingAccuracy(sequences(length), () => 0) - accuracy)).toBeLessThan(sampling);
  });

  it.each([
    [236, 128, 0.401],
    [236, 192, 0.533],
    [492, 192, 0.373],
    [1004, 128, 0.307],
    [1004, 448, 0.407],
  ])("reaches over the last of %i symbols, %i, what was measured before", (length, window, accuracy) => {
    const got = countingAccuracy(sequences(length), () => length - window);
    expect(Math.abs(got - accuracy)).toBeLessThan(sampling);
  });
});
