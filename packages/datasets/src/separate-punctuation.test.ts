import { describe, expect, it } from "vitest";
import { separatePunctuation } from "./separate-punctuation.js";

describe("separatePunctuation", () => {
  it.each([
    ["The whale, 3.5 men long.", "The whale , 3 @.@ 5 men long ."],
    ["1,000,000 well-known men", "1 @,@ 000 @,@ 000 well @-@ known men"],
    ['the man\'s ship (a whaler); "Pequod"', 'the man \'s ship ( a whaler ) ; " Pequod "'],
    ["one\n\n  two \tthree\n", "one\n\ntwo three\n"],
    ["café – naïve…", "café – naïve …"],
    ["wait--now", "wait - - now"],
    ["1 @,@ 000", "1 @,@ 000"],
    ["", ""],
  ])("turns %j into %j", (text, words) => {
    expect(separatePunctuation(text)).toBe(words);
  });

  it("loses nothing but white space and its own @", () => {
    const text = 'In 1790, he said: "well-known 3.14\'s" [sic] -- no?';
    const bare = (s: string): string => s.replace(/[\s@]/g, "");
    expect(bare(separatePunctuation(text))).toBe(bare(text));
  });
});
