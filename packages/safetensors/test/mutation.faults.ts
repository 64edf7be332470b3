import { costGuard } from "@infinite-former/tooling-vitest/cost";
import { mutate, mutationsOf } from "@infinite-former/tooling-vitest/mutations";
import { trial } from "@infinite-former/tooling-vitest/trial";
import fc from "fast-check";
import { expect } from "vitest";
import { encodeSafetensors, parseShardIndex, SafetensorsError } from "../src/index.js";
import { content } from "./arbitraries.js";
import { decodeSoundly } from "./expect-sound.js";
import { mutated } from "./mutations.js";

/** Runs with one seed; the next batch has another. */
const batch = 10_000;
/** Far more than it takes, also on a slow machine. */
const timeout = 3_600_000;

function inBatches(times: number, law: fc.IProperty<unknown>): void {
  for (let done = 0; done < times; done += batch) {
    fc.assert(law, { seed: 4100 + done / batch, numRuns: Math.min(batch, times - done) });
  }
}

const files = {
  number: 26,
  fault: "safetensors files, mutated",
  times: 1_000_000,
  everyTime: 100_000,
  timeout,
};
trial(files, (times) => {
  const good = fc.sample(content, { seed: 40, numRuns: 1000 }).map((file) => {
    return encodeSafetensors(file.tensors, file.metadata);
  });
  const guard = costGuard();
  let refused = 0;
  const law = fc.property(fc.nat(good.length - 1), mutationsOf(fc), (which, mutations) => {
    const bytes = mutated(good[which]!, mutations);
    guard.run(() => {
      if (decodeSoundly(bytes) === null) refused += 1;
    });
  });
  inBatches(times, law);
  expect(refused).toBeGreaterThan(times / 2);
  expect(refused).toBeLessThan(times);
  guard.check();
});

const indices = {
  number: 26,
  fault: "indices of shards, mutated",
  times: 200_000,
  everyTime: 50_000,
  timeout,
};
trial(indices, (times) => {
  const name = fc.string({ unit: "grapheme", maxLength: 12 });
  const index = fc.dictionary(name, fc.constantFrom("1.safetensors", "2.safetensors", "\u221e.safetensors"));
  const good = fc.sample(index, { seed: 50, numRuns: 500 }).map((map) => {
    const text = JSON.stringify({ metadata: { total_size: 7, n: [null, -1.5e3, true] }, weight_map: map });
    return new TextEncoder().encode(text);
  });
  const guard = costGuard();
  let refused = 0;
  const law = fc.property(fc.nat(good.length - 1), mutationsOf(fc), (which, mutations) => {
    const bytes = mutations.reduce(mutate, good[which]!);
    guard.run(() => {
      try {
        for (const file of parseShardIndex(bytes).values()) {
          expect(file).toMatch(/^[^/\\:]+\.safetensors$/);
        }
      } catch (error) {
        if (!(error instanceof SafetensorsError)) throw error;
        refused += 1;
      }
    });
  });
  inBatches(times, law);
  expect(refused).toBeGreaterThan(times / 4);
  expect(refused).toBeLessThan(times);
  guard.check();
});
