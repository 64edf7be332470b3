import { describe, expect, it } from "vitest";
import { parseOptions } from "./options.js";

describe("parseOptions", () => {
  it("measures the usual cases, nine rounds, on what there is", () => {
    expect(parseOptions([])).toEqual({
      json: null,
      only: [
        "op-overhead",
        "matmul-1024",
        "memory-update",
        "first-step",
        "train-step",
        "generate",
        "safetensors-read",
      ],
      models: null,
      sizes: null,
      isas: null,
      rounds: 9,
      seed: 1,
      backend: undefined,
      peerPython: undefined,
    });
  });

  it("reads every option", () => {
    const words =
      "--json - --only generate --only train-step --model gpt2 --size small --isa avx2,native --rounds 3 --seed 0 --backend cpu --peer-python /usr/bin/python3";
    expect(parseOptions(words.split(" "))).toEqual({
      json: "-",
      only: ["train-step", "generate"],
      models: ["gpt2"],
      sizes: ["small"],
      isas: ["native", "avx2"],
      rounds: 3,
      seed: 0,
      backend: "cpu",
      peerPython: "/usr/bin/python3",
    });
    expect(parseOptions(["--help", "--rounds", "0"])).toBe(null);
  });

  it.each([
    [["--only", "trainstep"], "--only: there is no trainstep; there are op-overhead"],
    [["--model", "gpt3"], "--model: there is no gpt3; there are infinite-former"],
    [["--size", "c"], "--size: there is no c; there are a, b"],
    [["--isa", "native,sse"], "--isa: there is no sse; there are native, avx2"],
    [["--rounds", "0"], "--rounds: must be an integer of at least 1, got 0"],
    [["--rounds", "many"], "--rounds: must be an integer of at least 1, got many"],
    [["--seed", ""], "--seed: must be an integer of at least 0, got "],
    [["--json", ""], "--json: must be a file or -"],
    [["--jsn", "x"], "--jsn"],
    [["file.json"], "file.json"],
  ])("refuses %j, naming what is wrong", (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(message);
    try {
      parseOptions(argv);
    } catch (error) {
      expect((error as { code: string }).code).toMatch(/^ERR_(USAGE|PARSE_ARGS)/);
    }
  });
});
