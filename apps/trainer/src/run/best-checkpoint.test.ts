import { describe, expect, it } from "vitest";
import { bestCheckpoint } from "./best-checkpoint.js";
import type { MetricsLine } from "./metrics.js";

const line = (step: number, loss: number, split: "train" | "valid" = "valid"): MetricsLine => ({
  step,
  loss,
  split,
  tokens: step,
  seconds: 1,
  lr: 0.1,
  tokensPerSecond: 1,
});

describe("bestCheckpoint", () => {
  it("is the one with the lowest validation loss among those that there are", () => {
    const lines = [line(10, 3), line(20, 1), line(30, 2), line(40, 2.5), line(30, 0.1, "train")];
    expect(bestCheckpoint(lines, [40, 30, 10])).toBe(30);
    expect(bestCheckpoint(lines, [40, 30, 20])).toBe(20);
  });

  it("is the earliest of equal ones, and goes by the last measurement at a step", () => {
    expect(bestCheckpoint([line(20, 1), line(10, 1)], [10, 20])).toBe(10);
    expect(bestCheckpoint([line(10, 1), line(20, 0.5), line(20, 2)], [10, 20])).toBe(10);
  });

  it("is none where none was evaluated", () => {
    expect(bestCheckpoint([line(10, 1)], [20])).toBeNull();
    expect(bestCheckpoint([], [20])).toBeNull();
  });
});
