import { describe, expect, it } from "vitest";
import { compare, type Launcher } from "./compare.js";
import { type Comparison, comparisons } from "./comparisons.js";

const comparison = comparisons("tensorflow").find(({ name }) => name === "train-step") as Comparison;

/** A launcher of contenders that take `seconds` of their label a unit, and the log of what was done. */
function launcher(seconds: Readonly<Record<string, number | "missing" | "no loss" | "dies">>) {
  const log: string[] = [];
  const launch: Launcher = {
    async start({ label }) {
      const manner = seconds[label] ?? "missing";
      if (manner === "missing") return null;
      log.push(`start ${label}`);
      return {
        ready: { firstStepSeconds: 1, parameters: 5, versions: {}, peakRssBytes: 9 },
        async run(units) {
          log.push(`${label} ${units}`);
          if (manner === "dies") throw new Error(`${label} died`);
          const each = typeof manner === "number" ? manner : 1;
          const loss = manner === "no loss" ? null : 2;
          return { seconds: each * units, units, loss, peakRssBytes: 10, gigaflopsPerSecond: null };
        },
        async quit() {
          log.push(`quit ${label}`);
        },
      };
    },
  };
  return { launch, log };
}

describe("compare", () => {
  it("runs all in turn after a round that does not count, and gives seconds of one unit", async () => {
    const { launch, log } = launcher({ tensorflow: 1, "pytorch-as-released": 3, "pytorch-careful": 2 });
    const timed = await compare(comparison, [], 2, launch);
    expect(timed.map(({ contender, seconds }) => [contender.label, seconds])).toEqual([
      ["tensorflow", [1, 1]],
      ["pytorch-as-released", [3, 3]],
      ["pytorch-careful", [2, 2]],
    ]);
    const round = ["tensorflow 2", "pytorch-as-released 2", "pytorch-careful 2"];
    expect(log.slice(3, 12)).toEqual([...round, ...round, ...round]);
    expect(log.slice(12).sort()).toEqual([
      "quit pytorch-as-released",
      "quit pytorch-careful",
      "quit tensorflow",
    ]);
  });

  it("goes on without peers that are missing", async () => {
    const { launch } = launcher({ tensorflow: 1 });
    expect((await compare(comparison, [], 1, launch)).map(({ contender }) => contender.label)).toEqual([
      "tensorflow",
    ]);
  });

  it("starts ours alone for the first step", async () => {
    const { launch, log } = launcher({ tensorflow: 1, "pytorch-careful": 1 });
    const [own] = await compare(comparison, [], 0, launch);
    expect(own?.seconds).toEqual([]);
    expect(log).toEqual(["start tensorflow", "quit tensorflow"]);
  });

  it("leaves no process behind where one dies, or trains to no loss", async () => {
    const { launch, log } = launcher({ tensorflow: 1, "pytorch-careful": "dies" });
    await expect(compare(comparison, [], 1, launch)).rejects.toThrow("pytorch-careful died");
    expect(log.slice(-2).sort()).toEqual(["quit pytorch-careful", "quit tensorflow"]);
    const lost = launcher({ tensorflow: "no loss" });
    await expect(compare(comparison, [], 1, lost.launch)).rejects.toThrow(
      "train-step infinite-former a, tensorflow: gave no finite loss",
    );
    expect(lost.log.at(-1)).toBe("quit tensorflow");
  });
});
