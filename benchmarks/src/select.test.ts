import { describe, expect, it } from "vitest";
import { describeComparison } from "./comparisons.js";
import { type BenchOptions, parseOptions } from "./options.js";
import { selectCases } from "./select.js";

function select(line: string, backend = "tensorflow", wide = true) {
  const options = parseOptions(line.split(" ").filter(Boolean)) as BenchOptions;
  const { own, planned } = selectCases(options, backend, wide);
  const names = planned.map(
    ({ comparison, isa, rounds }) => `${describeComparison(comparison)} ${isa} ${rounds}`,
  );
  return { own, names };
}

describe("selectCases", () => {
  it("takes every case of the issue", () => {
    const { own, names } = select("--rounds 10");
    expect(own).toEqual(["op-overhead", "matmul-1024", "safetensors-read"]);
    const steps = ["infinite-former", "transformer-xl", "compressive"].flatMap((model) =>
      ["a", "b"].flatMap((size) => [
        `train-step ${model} ${size} native 10`,
        `train-step ${model} ${size} avx2 5`,
      ]),
    );
    expect(names).toEqual([
      "memory-update infinite-former a native 10",
      "memory-update infinite-former b native 10",
      ...steps,
      "train-step char moby-dick native 10",
      "train-step gpt2 small memory off native 6",
      "train-step gpt2 small memory on native 6",
      "train-step infinite-former a on wasm native 3",
      ...["infinite-former a", "transformer-xl a", "gpt2 small"].flatMap((model) => [
        `generate ${model} 1 sequence native 6`,
        `generate ${model} 8 sequences native 6`,
      ]),
    ]);
  });

  it("takes the named model and size, and nothing of its own process then", () => {
    expect(select("--model compressive --size b --isa native")).toEqual({
      own: [],
      names: ["train-step compressive b native 9"],
    });
  });

  it("takes an instruction set that was asked for everywhere, and the second by itself only where it differs", () => {
    expect(select("--only generate --model transformer-xl --isa avx2").names).toEqual([
      "generate transformer-xl a 1 sequence avx2 3",
      "generate transformer-xl a 8 sequences avx2 3",
    ]);
    expect(select("--only train-step --model compressive --size a", "tensorflow", false).names).toEqual([
      "train-step compressive a native 9",
    ]);
  });

  it("needs no rounds where only the first step is asked for", () => {
    expect(select("--only first-step --model compressive --size a --isa native").names).toEqual([
      "train-step compressive a native 0",
    ]);
  });

  it("leaves large models out on other backends, unless they are named", () => {
    expect(select("--rounds 2", "cpu").names).toEqual([
      "memory-update infinite-former a on cpu native 2",
      "memory-update infinite-former b on cpu native 2",
      "train-step char moby-dick on cpu native 2",
    ]);
    expect(select("--only train-step --model transformer-xl --size a --isa native", "cpu").names).toEqual([
      "train-step transformer-xl a on cpu native 9",
    ]);
  });

  it("refuses what leaves nothing", () => {
    expect(() => select("--only generate --model compressive")).toThrow("leave nothing to measure");
  });
});
