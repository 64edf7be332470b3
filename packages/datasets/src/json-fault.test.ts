import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonFault } from "./json-fault.js";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("jsonFault", () => {
  it.each([
    ['{"a": 1,}', 8],
    ['{"a" 1}', 5],
    ["[1, 2\n  3]", 8],
    ["[1, 2", 5],
    ["", 0],
    ["  x", 2],
    ['{"a": "b\nc"}', 6],
    ['{"a": 01}', 7],
    ["[1]]", 3],
    ["[}", 1],
    ["{]", 1],
    ["{1: 2}", 1],
    ["[,]", 1],
    ["[1,]", 3],
    ["[NaN]", 1],
    ["truefalse", 4],
  ])("of %j is at %i", (text, at) => {
    expect(jsonFault(text)).toBe(at);
    expect(isJson(text)).toBe(false);
  });

  it("finds none where JSON.parse finds none, in whatever a change made of JSON", () => {
    const change = fc.record({
      at: fc.nat(),
      drop: fc.nat(2),
      put: fc.constantFrom(
        "",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        '"',
        "\\",
        "0",
        "-",
        "e",
        ".",
        " ",
        "\n",
        "null",
        "\u00a0",
      ),
    });
    fc.assert(
      fc.property(fc.json(), fc.array(change, { maxLength: 3 }), fc.boolean(), (json, changes, wide) => {
        const start = wide ? JSON.stringify(JSON.parse(json), null, 2) : json;
        const text = changes.reduce((now, { at, drop, put }) => {
          const place = at % (now.length + 1);
          return now.slice(0, place) + put + now.slice(place + drop);
        }, start);
        const fault = jsonFault(text);
        expect(fault === -1).toBe(isJson(text));
        if (fault >= 0) expect([-1, fault]).toContain(jsonFault(text.slice(0, fault))); // all before it may stand there
      }),
      { seed: 20_261_128, numRuns: 5000 },
    );
  });

  it("takes a string of megabytes that never ends, and nesting as deep as it comes", () => {
    expect(jsonFault(`["${"a".repeat(2 ** 23)}`)).toBe(1);
    expect(jsonFault(`["${"\\n".repeat(2 ** 22)}"]`)).toBe(-1);
    expect(jsonFault("[".repeat(1e6))).toBe(1e6);
  });
});
