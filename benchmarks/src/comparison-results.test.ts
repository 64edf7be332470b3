import { describe, expect, it } from "vitest";
import type { Timed } from "./compare.js";
import { comparisonResults } from "./comparison-results.js";
import { type Comparison, comparisons } from "./comparisons.js";
import { sortingSize } from "./sizes.js";
import { stepFlops } from "./step-flops.js";

const find = (name: string, model: string): Comparison =>
  comparisons("tensorflow").find((one) => one.name === name && one.model === model) as Comparison;

function timed(contender: Timed["contender"], seconds: readonly number[], peakRssBytes: number): Timed {
  return {
    contender,
    ready: { firstStepSeconds: 4, parameters: 11, versions: {}, peakRssBytes: 7 },
    seconds,
    last: { seconds: 1, units: 1, loss: 1, peakRssBytes, gigaflopsPerSecond: null },
    bestGigaflopsPerSecond: 0,
  };
}

describe("comparisonResults", () => {
  it("gives the first step, and a row against each peer with its own rounds left out", () => {
    const comparison = find("train-step", "infinite-former");
    const [released, careful] = comparison.peers;
    const peak = { ...timed(comparison.ours, [1, 1, 1], 0), bestGigaflopsPerSecond: 200 };
    const rows = comparisonResults(
      comparison,
      [
        timed(comparison.ours, [1, 2, 1], 100),
        timed(released!, [3, 9, 4], 300),
        timed(careful!, [2, 2, 2], 200),
        peak,
      ],
      "avx2",
    );
    expect(rows.map(({ name, peer }) => [name, peer])).toEqual([
      ["first-step", null],
      ["train-step", "pytorch-as-released"],
      ["train-step", "pytorch-careful"],
    ]);
    const [first, one, two] = rows;
    expect(first).toMatchObject({ seconds: { median: 4, runs: [4] }, peakRssBytes: 7, isa: "avx2" });
    expect(one).toMatchObject({ ratio: 3.5, dropped: 1, peakRssBytes: 100, peerPeakRssBytes: 300 });
    expect(one?.seconds).toEqual({ median: 1, runs: [1, 1] });
    expect(two).toMatchObject({ ratio: 2, dropped: 0, tokensPerSecond: 2048, peerTokensPerSecond: 1024 });
    const rate = stepFlops("infinite-former", sortingSize("a")) / 1e9;
    expect(two).toMatchObject({
      gigaflopsPerSecond: rate,
      shareOfPeak: rate / 200,
      peakGigaflopsPerSecond: 200,
    });
  });

  it("gives one row without a peer where there is none", () => {
    const comparison = find("generate", "transformer-xl");
    const rows = comparisonResults(comparison, [timed(comparison.ours, [0.25, 0.75, 0.5], 5)], "native");
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ name: "generate", sequences: 1, peer: null, tokensPerSecond: 2 });
    expect(rows[0]).not.toHaveProperty("ratio");
  });

  it("says where a peer is another model, and counts its own tokens", () => {
    const comparison = find("train-step", "char");
    const [eager, nanogpt] = comparison.peers;
    const rows = comparisonResults(
      comparison,
      [timed(comparison.ours, [1], 5), timed(eager!, [2], 5), timed(nanogpt!, [2], 5)],
      "native",
    );
    expect(rows[1]).toMatchObject({ peer: "eager", peerTokensPerSecond: 256 });
    expect(rows[1]).not.toHaveProperty("peerNote");
    expect(rows[2]).toMatchObject({ peer: "nanogpt", tokensPerSecond: 512, peerTokensPerSecond: 384 });
    expect(rows[2]?.peerNote).toContain("another model");
  });

  it("gives the first step alone where no rounds were run", () => {
    const comparison = find("train-step", "compressive");
    const rows = comparisonResults(comparison, [timed(comparison.ours, [], 5)], "native");
    expect(rows.map(({ name }) => name)).toEqual(["first-step"]);
  });
});
