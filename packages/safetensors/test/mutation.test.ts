import { mutationsOf } from "@infinite-former/tooling-vitest/mutations";
import { trial } from "@infinite-former/tooling-vitest/trial";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors, SafetensorsError } from "../src/index.js";
import { content } from "./arbitraries.js";
import { decodeSoundly, expectSameAgain } from "./expect-sound.js";
import { mutated } from "./mutations.js";

describe("decodeSafetensors on damaged files", () => {
  trial({ number: 26, fault: "safetensors files of any content, mutated", times: 5000 }, (times) => {
    let refused = 0;
    const law = fc.property(content, mutationsOf(fc), (file, mutations) => {
      const decoded = decodeSoundly(mutated(encodeSafetensors(file.tensors, file.metadata), mutations));
      if (decoded === null) refused += 1;
      else expectSameAgain(decoded);
    });
    fc.assert(law, { seed: 41, numRuns: times });
    expect(refused).toBeGreaterThan(times / 4);
    expect(refused).toBeLessThan(times);
  });

  it("answers random bytes with its own error", () => {
    const law = fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(() => decodeSafetensors(bytes)).toThrow(SafetensorsError);
    });
    fc.assert(law, { seed: 42, numRuns: 2000 });
  });
});
