import { describe, expect, it } from "vitest";
import { rouge1, rougeL, rougeWords } from "./rouge.js";

describe("rougeWords", () => {
  it("are runs of letters and digits, stemmed above three letters", () => {
    expect(rougeWords("Whales' ties: 3.14, cats café")).toEqual(["whale", "tie", "3", "14", "cat", "caf"]);
    expect(rougeWords("Whales' ties", { stem: false })).toEqual(["whales", "ties"]);
    expect(rougeWords("was its")).toEqual(["was", "its"]);
  });
});

describe("rouge1 and rougeL", () => {
  it("differ where the words have another order", () => {
    const [candidate, reference] = ["sea shells she sells", "she sells sea shells today"];
    expect(rouge1(candidate, reference)).toMatchObject({ precision: 1, recall: 4 / 5 });
    expect(rougeL(candidate, reference)).toMatchObject({ precision: 2 / 4, recall: 2 / 5 });
  });

  it("find a subsequence with gaps", () => {
    expect(rougeL("one x two y three", "one two z three")).toMatchObject({ precision: 3 / 5, recall: 3 / 4 });
  });

  it("ask for a reference", () => {
    expect(() => rouge1("a", [])).toThrow("rouge1: references must hold at least one text, got none");
    expect(() => rougeL("a", [])).toThrow("rougeL: references must hold at least one text, got none");
  });
});
