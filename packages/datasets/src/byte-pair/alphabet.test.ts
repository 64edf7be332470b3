import { describe, expect, it } from "vitest";
import { byteSymbols, bytesOfToken } from "./alphabet.js";

describe("byteSymbols", () => {
  it("has a visible character of its own for every byte", () => {
    expect(new Set(byteSymbols).size).toBe(256);
    expect(byteSymbols.join("")).not.toMatch(/[\p{C}\p{Z}]/u);
    expect([0x41, 0x20, 0x0a, 0xad, 0xc3].map((byte) => byteSymbols[byte])).toEqual([
      "A",
      "Ġ",
      "Ċ",
      "Ń",
      "Ã",
    ]);
  });
});

describe("bytesOfToken", () => {
  it("is its inverse", () => {
    byteSymbols.forEach((symbol, byte) => {
      expect([...bytesOfToken(symbol)]).toEqual([byte]);
    });
    expect(new TextDecoder().decode(bytesOfToken("ĠcafÃ©"))).toBe(" café");
  });

  it("gives the UTF-8 of what is not written in the alphabet", () => {
    expect(new TextDecoder().decode(bytesOfToken("<a token>"))).toBe("<a token>");
  });
});
