import { describe, expect, it } from "vitest";
import { tokensFromRankedLines } from "./ranked-lines.js";

describe("tokensFromRankedLines", () => {
  it("puts the tokens of all lines in the order of their ranks", () => {
    const encoded = [[104], [105], [104, 105], [0, 255]].map((bytes) =>
      Buffer.from(bytes).toString("base64"),
    );
    const text = `! 0 ${encoded[0]} ${encoded[1]}\n! 2 ${encoded[2]} ${encoded[3]}`;
    expect(tokensFromRankedLines(text).map((bytes) => [...bytes])).toEqual([
      [104],
      [105],
      [104, 105],
      [0, 255],
    ]);
  });

  it("refuses a line that skips ranks or has none", () => {
    expect(() => tokensFromRankedLines("! 0 aA==\n! 2 aQ==")).toThrow(
      'tokensFromRankedLines: line 2 must begin with "! 1", got "! 2 aQ=="',
    );
    expect(() => tokensFromRankedLines("")).toThrow('line 1 must begin with "! 0", got ""');
  });
});
