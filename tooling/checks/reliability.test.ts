import { describe, expect, it } from "vitest";
// biome-ignore lint/correctness/useImportExtensions: a script, run as it stands
import { reliabilityTable, summarise } from "../scripts/reliability-table.mjs";
// biome-ignore lint/correctness/useImportExtensions: a script, run as it stands
import { trials } from "../scripts/reliability-trials.mjs";

const entry = { number: 1, fault: "killed", times: 50, project: "cpu", result: "passed" };
const elsewhere = { ...entry, project: "wasm", result: "skipped", note: "run once, with cpu" };

describe("summarise", () => {
  it("makes one of a fault's results on all backends, without those that had it skipped", () => {
    expect(summarise("packages/a", [entry, elsewhere, { ...entry, project: "tensorflow" }])).toEqual([
      {
        number: 1,
        fault: "killed",
        times: 50,
        on: ["cpu", "tensorflow"],
        package: "packages/a",
        result: "passed",
      },
    ]);
  });

  it("has failed where one backend has, and was skipped where none ran it", () => {
    const failed = { ...entry, project: "wasm", result: "failed" };
    expect(summarise("a", [entry, failed])[0]).toMatchObject({ on: ["cpu", "wasm"], result: "failed" });
    expect(summarise("a", [elsewhere])).toMatchObject([
      { times: 0, on: [], result: "skipped: run once, with cpu" },
    ]);
  });

  it("keeps faults apart, and goes by the backend that a test names itself", () => {
    const named = { ...entry, fault: "other", project: "", on: "native eager" };
    expect(summarise("a", [entry, named]).map(({ on }) => on)).toEqual([["cpu"], ["native eager"]]);
  });
});

describe("reliabilityTable", () => {
  const report = {
    machine: { cpu: "A processor", cores: 2 },
    versions: { node: "20" },
    command: "npm test",
    date: "2026-01-02",
    trials: summarise("packages/a", [entry, { ...entry, number: 24, fault: "a | b", result: "failed" }]),
  };
  const rows = reliabilityTable(report)
    .split("\n")
    .filter((line: string) => line.startsWith("| "));

  it("lists every trial, with its tests under it", () => {
    const numbers = rows.map((row: string) => /^\| \*\*(\d+)\*\*/.exec(row)?.[1]).filter(Boolean);
    expect(numbers).toEqual(Array.from({ length: 26 }, (_, i) => `${i + 1}`));
    expect(rows).toContain("| | killed (packages/a) | 50 | cpu | passed |");
    expect(rows).toContain("| | a \\| b (packages/a) | 50 | cpu | failed |");
  });

  it("says where there is no test, and what does not apply", () => {
    const row = (number: number): string =>
      rows.find((line: string) => line.startsWith(`| **${number}**`)) ?? "";
    expect(row(2)).toMatch(/\| no test \|$/);
    expect(row(25)).toMatch(/\| does not apply: nothing here is distributed \|$/);
    const absent = trials.find(({ number }) => number === 24)?.absent;
    expect(rows).toContain(`| | ${absent} | — | — | does not apply |`);
  });

  it("closes with the counts and where they come from", () => {
    expect(reliabilityTable(report)).toMatch(
      /\n1 passed, 1 failed\. `npm test`, 2026-01-02, on 2 cores, A processor; node 20\.$/,
    );
  });
});
