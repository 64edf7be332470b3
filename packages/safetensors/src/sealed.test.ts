import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeSafetensors } from "./decode.js";
import type { SafetensorsTensor } from "./dtype.js";
import { assertSealed, encodeSealed } from "./sealed.js";

const tensors: [string, SafetensorsTensor][] = [
  ["weights", { dtype: "F32", shape: [2, 3], data: Float32Array.of(1, -2, 3, 0.5, 1e-9, 7) }],
  ["sha256", { dtype: "I32", shape: [1], data: Int32Array.of(4) }],
];
// A value that quotes the checksum's key, and text beyond ASCII before it.
const metadata = { a: '"sha256":"', note: "∞ – “quoted”", z: "" };
const sealed = encodeSealed(tensors, metadata);
const refusal = expect.objectContaining({ code: "ERR_SAFETENSORS" });

/** Decoding and checking together, as readers do. */
const open = (bytes: Uint8Array): void => {
  decodeSafetensors(bytes);
  assertSealed(bytes);
};

describe("encodeSealed", () => {
  it("states the SHA-256 of the file with zeros in the checksum's place", () => {
    const { sha256 = "", ...rest } = decodeSafetensors(sealed).metadata;
    expect(rest).toEqual(metadata);
    expect(decodeSafetensors(sealed).tensors.get("weights")?.data).toEqual(tensors[0]?.[1].data);
    const text = Buffer.from(sealed).toString("latin1");
    expect(text.split(sha256)).toHaveLength(2);
    const zeroed = Buffer.from(text.replace(sha256, "0".repeat(64)), "latin1");
    expect(createHash("sha256").update(zeroed).digest("hex")).toBe(sha256);
  });
});

describe("assertSealed", () => {
  it("accepts what encodeSealed made", () => {
    expect(() => open(sealed)).not.toThrow();
    expect(() => open(encodeSealed([]))).not.toThrow();
  });

  it("refuses any flipped bit, anywhere in the file", () => {
    for (let at = 0; at < sealed.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const bytes = sealed.slice();
        bytes[at] = (bytes[at] as number) ^ (1 << bit);
        expect(() => open(bytes), `byte ${at}, bit ${bit}`).toThrow(refusal);
      }
    }
  });

  it("refuses several changed bytes, and files that are shorter or longer", () => {
    const change = fc.tuple(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }));
    const law = fc.property(
      fc.uniqueArray(change, { minLength: 1, maxLength: 5, selector: ([at]) => at }),
      (all) => {
        const bytes = sealed.slice();
        for (const [at, flip] of all) bytes[at] = (bytes[at] as number) ^ flip;
        expect(() => open(bytes)).toThrow(refusal);
      },
    );
    fc.assert(law, { seed: 21, numRuns: 500 });
    for (let length = 0; length < sealed.length; length++) {
      expect(() => open(sealed.subarray(0, length)), `${length} bytes`).toThrow(refusal);
    }
    expect(() => open(Uint8Array.of(...sealed, 0))).toThrow(refusal);
  });

  it("says what is wrong", () => {
    const altered = sealed.slice();
    altered[altered.length - 6] = 9;
    expect(() => assertSealed(altered)).toThrow(
      /must match its checksum sha256 .{64}, got .{64}: it is damaged/,
    );
    const bare = new TextEncoder().encode(`${"\x02".padEnd(8, "\0")}{}`);
    expect(() => assertSealed(bare)).toThrow("file must have a checksum sha256 in its metadata, got none");
  });
});
