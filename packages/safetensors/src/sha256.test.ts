import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "./sha256.js";

const reference = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describe("sha256", () => {
  it("is Node's for every length up to three blocks", () => {
    for (let length = 0; length <= 200; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 151 + length) & 0xff);
      expect(sha256([bytes]), `${length} bytes`).toBe(reference(bytes));
    }
  });

  it("is Node's wherever the bytes are cut into parts", () => {
    const law = fc.property(fc.array(fc.uint8Array({ maxLength: 150 }), { maxLength: 8 }), (parts) => {
      expect(sha256(parts)).toBe(reference(Buffer.concat(parts)));
    });
    fc.assert(law, { seed: 11, numRuns: 500 });
  });
});
