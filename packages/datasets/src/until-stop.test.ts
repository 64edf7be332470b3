import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { untilStop } from "./until-stop.js";

const text = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 14 }).map((parts) => parts.join(""));

describe("untilStop", () => {
  it("tells all before the stop string that is complete first, however the text is cut, and never a part of one", () => {
    const stop = text.filter((one) => one !== "" && one.length < 5);
    fc.assert(
      fc.property(fc.array(text, { maxLength: 8 }), fc.array(stop, { maxLength: 3 }), (pieces, stops) => {
        const whole = pieces.join("");
        // The shortest beginning of the text that ends in a stop string, without the longest such.
        const ends = (length: number): string[] =>
          stops.filter((one) => whole.slice(0, length).endsWith(one));
        const lengths = Array.from({ length: whole.length + 1 }, (_, length) => length);
        const length = lengths.find((some) => ends(some).length > 0);
        const at =
          length === undefined ? whole.length : length - Math.max(...ends(length).map((one) => one.length));
        const until = untilStop(stops);
        let told = "";
        for (const piece of pieces) {
          told += until.push(piece);
          expect(whole.slice(0, at).startsWith(told)).toBe(true);
        }
        expect(until.stopped).toBe(length !== undefined);
        expect(told + until.end()).toBe(whole.slice(0, at));
      }),
      { seed: 5, numRuns: 2000 },
    );
  });

  it("refuses an empty stop string", () => {
    expect(() => untilStop(["a", ""])).toThrow(/stops\[1\] must not be empty/);
  });
});
