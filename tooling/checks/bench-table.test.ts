import { describe, expect, it } from "vitest";
import type { BenchmarkReport, BenchmarkResult } from "../../benchmarks/src/result.js";
// biome-ignore lint/correctness/useImportExtensions: a script, run as it stands
import { benchTable, speedTables } from "../scripts/bench-table.mjs";

const once = (median: number) => ({ median, runs: [median] });
const MiB = 2 ** 20;
const step: BenchmarkResult = {
  name: "train-step",
  model: "infinite-former",
  size: "a",
  mode: "compiled",
  isa: "native",
  backend: "tensorflow",
  peer: "pytorch-as-released",
  seconds: { median: 0.125, runs: [0.1, 0.15] },
  peerSeconds: once(0.5),
  ratio: 4,
  dropped: 1,
  tokensPerSecond: 16384,
  peerTokensPerSecond: 4096,
  gigaflopsPerSecond: 180,
  shareOfPeak: 0.456,
  peakGigaflopsPerSecond: 394.7,
  peakRssBytes: 800 * MiB,
  peerPeakRssBytes: 900 * MiB,
};
const results: BenchmarkResult[] = [
  {
    name: "op-overhead",
    isa: "native",
    backend: "tensorflow",
    peer: null,
    seconds: once(1e-5),
    peakRssBytes: MiB,
  },
  step,
  {
    ...step,
    peer: "pytorch-careful",
    peerSeconds: once(0.25),
    ratio: 2,
    dropped: 0,
    peerPeakRssBytes: 700 * MiB,
  },
  { ...step, isa: "avx2", seconds: once(1.5), peerSeconds: once(3), ratio: 2 },
  { ...step, model: "char", size: "x", peer: "nanogpt", peerNote: "another model", ratio: 0.5 },
];
const report: BenchmarkReport = {
  machine: { cpu: "A processor", cores: 2, vectors: "avx512f" },
  versions: { node: "20", torch: "2" },
  command: "pnpm bench",
  seed: 1,
  date: "2026-01-02",
  results,
};
const files = [{ file: "results/bench/one.json", report }];
const rowsOf = (text: string): string[] => text.split("\n").filter((line) => line.startsWith("| "));

describe("benchTable", () => {
  it("has a line for each case that has peers, with all of them", () => {
    expect(rowsOf(benchTable(files))).toEqual([
      "| case | instructions | time | speed | peak memory, ours / peers |",
      "| --- | --- | --- | --- | --- |",
      "| train-step infinite-former a | native | 125 ms | 4.00 × pytorch-as-released, 2.00 × pytorch-careful | 800 MiB / 900 MiB / 700 MiB |",
      "| train-step infinite-former a | avx2 | 1.50 s | 2.00 × pytorch-as-released | 800 MiB / 900 MiB |",
      "| train-step char x | native | 125 ms | 0.50 × nanogpt | 800 MiB / 900 MiB |",
    ]);
  });

  it("says what was measured when, where, with what, by which command", () => {
    expect(benchTable(files)).toContain(
      "[results/bench/one.json](results/bench/one.json), `pnpm bench`, 2026-01-02, on 2 cores, A processor, avx512f; node 20, torch 2.",
    );
  });
});

describe("speedTables", () => {
  it("has every result under the title of its case, without columns that nothing fills", () => {
    const text = speedTables(files);
    expect(text).toContain("[results/bench/one.json](../results/bench/one.json)");
    expect(rowsOf(text)).toEqual([
      "| case | backend | instructions | ours | peer | peer's | speed | rounds | tokens/s | GFLOP/s | share of peak | peak memory |",
      "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
      "| infinite-former a | tensorflow | native | 125 ms | pytorch-as-released | 500 ms | 4.00 | 2, 1 dropped | 16384 / 4096 | 180 | 46 % of 395 | 800 MiB / 900 MiB |",
      "| infinite-former a | tensorflow | native | 125 ms | pytorch-careful | 250 ms | 2.00 | 2 | 16384 / 4096 | 180 | 46 % of 395 | 800 MiB / 700 MiB |",
      "| infinite-former a | tensorflow | avx2 | 1.50 s | pytorch-as-released | 3.00 s | 2.00 | 1, 1 dropped | 16384 / 4096 | 180 | 46 % of 395 | 800 MiB / 900 MiB |",
      "| char x | tensorflow | native | 125 ms | nanogpt | 500 ms | 0.50 | 2, 1 dropped | 16384 / 4096 | 180 | 46 % of 395 | 800 MiB / 900 MiB |",
      "| case | backend | instructions | ours | peak memory |",
      "| --- | --- | --- | --- | --- |",
      "| — | tensorflow | native | 10.0 µs | 1 MiB |",
    ]);
    expect(text.match(/\*\*.*?\*\*/g)).toEqual(["**Training steps**", "**Overhead of one operation**"]);
    expect(text).toContain("nanogpt is another model.");
  });

  it("gives the same text from the same files", () => {
    expect(speedTables(structuredClone(files))).toBe(speedTables(files));
  });
});
