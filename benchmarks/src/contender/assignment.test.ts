import { describe, expect, it } from "vitest";
import { comparisons } from "../comparisons.js";
import { parseAssignment } from "./assignment.js";

describe("parseAssignment", () => {
  it("reads what peers read too", () => {
    const words =
      "--case generate --model gpt2 --size small --memory on --sequences 8 --seed 3 --backend cpu";
    expect(parseAssignment(words.split(" "))).toEqual({
      case: "generate",
      model: "gpt2",
      size: "small",
      memory: true,
      sequences: 8,
      compiled: true,
      seed: 3,
      backend: "cpu",
    });
    expect(parseAssignment(["--mode", "eager"])).toMatchObject({ case: "train-step", compiled: false });
  });

  it("understands the options of every contender of ours", () => {
    for (const { ours, peers } of comparisons("tensorflow")) {
      for (const { language, options } of [ours, ...peers]) {
        if (language !== "node") continue;
        const argv = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
        expect(parseAssignment(argv)).toMatchObject({ case: options["case"], model: options["model"] });
      }
    }
  });

  it.each([
    [["--case", "training"], "--case: there is no training; there are train-step, generate"],
    [["--model", "gpt3"], "--model: there is no gpt3"],
    [
      ["--case", "generate", "--model", "compressive"],
      "--model: there is no compressive; there are infinite",
    ],
    [["--size", "c"], "--size: no size c; there are a, b"],
    [["--memory", "yes"], "--memory: there is no yes; there are on, off"],
    [["--mode", "fast"], "--mode: there is no fast"],
    [["--sequences", "0"], "--sequences: must be an integer of at least 1, got 0"],
    [["--seed", "-1"], "--seed"],
    [["--thread", "2"], "--thread"],
  ])("refuses %j, naming what is wrong", (argv, message) => {
    expect(() => parseAssignment(argv)).toThrow(message);
  });
});
