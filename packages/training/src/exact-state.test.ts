import { describe, expect, it } from "vitest";
import { assertExactState } from "./exact-state.js";

const state = {
  step: 3,
  tokens: 30,
  seconds: 1,
  random: { seed: 1, step: 3 },
  data: { responses: 6 },
  config: {},
};

describe("assertExactState", () => {
  it("takes what is the same by value, whatever the order, and what nobody asks for", () => {
    assertExactState("step-3", state, { random: { step: 3, seed: 1 }, data: { responses: 6 } });
    assertExactState("step-3", state, { data: { responses: 6 } });
  });

  it.each([
    [{ random: { seed: 2, step: 3 } }, 'random must be {"seed":2,"step":3}, got {"seed":1,"step":3}'],
    [
      { random: { seed: 1, step: 3 }, data: { responses: 8 } },
      'data must be {"responses":8}, got {"responses":6}',
    ],
    [{ data: null }, 'data must be null, got {"responses":6}'],
  ])("names the field that says something else: %j", (wanted, said) => {
    expect(() => assertExactState("run/step-3", state, wanted)).toThrow(
      expect.objectContaining({
        code: "ERR_CHECKPOINT",
        file: "run/step-3/state.json",
        message: `loadCheckpoint: run/step-3/state.json: ${said}; the run cannot be continued exactly from it, use an earlier checkpoint`,
      }),
    );
  });
});
