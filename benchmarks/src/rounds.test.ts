import { describe, expect, it } from "vitest";
import { inTurn, keptRounds, median, medianRatio } from "./rounds.js";

describe("median", () => {
  it("takes the middle value, whatever the order", () => {
    expect(median([5, 1, 100])).toBe(5);
    expect(median([4, 1, 100, 2])).toBe(3);
  });
});

describe("medianRatio", () => {
  it("compares within a round, so that a slow round cancels out", () => {
    expect(medianRatio([1, 10, 2], [3, 30, 8])).toBe(3);
  });
});

describe("inTurn", () => {
  it("runs the contenders in turn and drops the first round", async () => {
    const calls: string[] = [];
    let time = 0;
    const contender = (name: string) => () => {
      calls.push(name);
      time += 1;
      return time;
    };
    const times = await inTurn([contender("a"), contender("b")], 2);
    expect(calls.join("")).toBe("ababab");
    expect(times).toEqual([
      [3, 5],
      [4, 6],
    ]);
  });
});

describe("keptRounds", () => {
  it("leaves out rounds in which the peer took over 1.5 times its own median, and counts them", () => {
    const kept = keptRounds([1, 2, 9, 1, 4], [2, 4, 5, 3.1, 3]); // the median is 3.1, the limit 4.65
    expect(kept.dropped).toBe(1);
    expect(kept.ours).toEqual({ median: 1.5, runs: [1, 2, 1, 4] });
    expect(kept.peer).toEqual({ median: 3.05, runs: [2, 4, 3.1, 3] });
    expect(kept.ratio).toBe(2); // 2, 2, 3.1, .75
  });

  it("keeps a round of exactly 1.5 times the median, and those in which ours were slow", () => {
    expect(keptRounds([1, 50, 1], [2, 2, 3])).toMatchObject({ dropped: 0, ratio: 2 });
  });
});
