import { describe, expect, it } from "vitest";
import { measure } from "./letters.js";
import { porterStem } from "./porter-stem.js";

/** Porter's examples that later steps leave as they are, and those of NLTK's extensions. */
const stems = {
  "caresses ponies caress cats": "caress poni caress cat",
  "feed agreed plastered bled motoring sing": "feed agre plaster bled motor sing",
  "conflated troubled sized hopping falling hissing fizzed failing filing":
    "conflat troubl size hop fall hiss fizz fail file",
  "happy sky enjoy by": "happi sky enjoy by",
  "relational conditional digitizer sensibiliti": "relat condit digit sensibl",
  "triplicate formative electrical hopeful goodness": "triplic form electr hope good",
  "revival adoption homologous effective": "reviv adopt homolog effect",
  "probate rate cease controlling rolling": "probat rate ceas control roll",
  "dies died dying ties theology archaeology ably": "die die die tie theolog archaeolog abli",
};

describe("porterStem", () => {
  it.each(Object.entries(stems))("of %s", (words, want) => {
    expect(words.split(" ").map(porterStem).join(" ")).toBe(want);
  });

  it("takes capitals for small letters, and whatever is no letter for a consonant", () => {
    expect(porterStem("CONNECTIONS")).toBe("connect");
    expect(porterStem("")).toBe("");
    expect(porterStem("🐳🐳ed")).toBe("🐳🐳ed");
    expect(porterStem("o🐳🐳ed")).toBe("o🐳");
  });
});

describe("measure", () => {
  it("counts vowels followed by consonants as the paper does", () => {
    const of = (text: string): number[] => text.split(" ").map(measure);
    expect(of("tr ee tree y by")).toEqual([0, 0, 0, 0, 0]);
    expect(of("trouble oats trees ivy")).toEqual([1, 1, 1, 1]);
    expect(of("troubles private oaten orrery")).toEqual([2, 2, 2, 2]);
  });
});
