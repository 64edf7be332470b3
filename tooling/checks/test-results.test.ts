import { describe, expect, it } from "vitest";
// biome-ignore lint/correctness/useImportExtensions: a script, run as it stands
import { missingResults, skipReasons, summaryLine, total } from "../scripts/test-results.mjs";

const some = {
  passed: 3,
  failed: 0,
  skipped: 2,
  seconds: 1.5,
  projects: ["wasm", "cpu"],
  failures: [],
  skips: [
    { name: "cpu a.test.ts > reads the corpus", reason: "no corpus" },
    { name: "wasm a.test.ts > reads the corpus", reason: "no corpus" },
  ],
};

describe("the summary of npm test", () => {
  it("closes with one plain line, with the skipped where there are any", () => {
    expect(summaryLine(some)).toBe("3 passed, 0 failed, 2 skipped");
    expect(summaryLine({ ...some, skipped: 0 })).toBe("3 passed, 0 failed");
  });

  it("counts a package without results as a failure", () => {
    const sum = total([some, missingResults("packages/signal"), some]);
    expect(summaryLine(sum)).toBe("6 passed, 1 failed, 4 skipped");
    expect(sum.projects).toEqual(["cpu", "wasm"]);
    expect(sum.failures.map(({ name }: { name: string }) => name)).toEqual(["packages/signal"]);
  });

  it("gives each reason once, the most frequent first", () => {
    const other = { name: "b.test.ts > needs a browser", reason: "no reason given" };
    expect(skipReasons([other, ...some.skips])).toEqual([
      "2 × no corpus",
      "1 × b.test.ts > needs a browser: no reason given",
    ]);
  });
});
