import { ConfigError } from "@infinite-former/tensor";
import { trial } from "@infinite-former/tooling-vitest/trial";
import fc from "fast-check";
import { expect } from "vitest";
import { disposeGpt2 } from "../src/gpt2.js";
import { configFromHuggingFace, configToHuggingFace } from "../src/index.js";
import { smallGpt2, smallMemory } from "./model.js";

const one = { number: 26, fault: "GPT-2's config.json with any values", times: 100_000, everyTime: 10_000 };
trial({ ...one, timeout: 600_000 }, (times) => {
  const model = smallGpt2(smallMemory);
  const good = configToHuggingFace(model.config);
  disposeGpt2(model);
  const own = good["infinite_former"] as Record<string, Record<string, unknown>>;
  const any = fc.oneof(
    fc.jsonValue(),
    fc.integer(),
    fc.double(),
    fc.constantFrom(null, true, "", "gelu", {}, []),
  );
  const change = fc.tuple(
    fc.constantFrom(...Object.keys(good), "__proto__", "longTerm", "n_ctx", "pruned_heads"),
    any,
  );
  const inner = fc.tuple(
    fc.constantFrom(...Object.keys(own["longTerm"] ?? {}), "__proto__", "constructor"),
    any,
  );
  let refused = 0;
  const law = fc.property(fc.array(change, { maxLength: 2 }), fc.option(inner), (changes, within) => {
    const json: Record<string, unknown> = structuredClone(good);
    const member = json["infinite_former"] as { longTerm: Record<string, unknown> };
    if (within !== null)
      Object.defineProperty(member.longTerm, within[0], {
        value: within[1],
        enumerable: true,
        configurable: true,
      });
    for (const [name, value] of changes)
      Object.defineProperty(json, name, { value, enumerable: true, configurable: true });
    try {
      expect(configFromHuggingFace(json).layers).toBeGreaterThan(0);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      refused += 1;
    }
    expect(({} as Record<string, unknown>)["basisCount"]).toBe(undefined);
  });
  fc.assert(law, { seed: 93, numRuns: times });
  expect(refused).toBeGreaterThan(times / 10);
  expect(refused).toBeLessThan(times);
});
