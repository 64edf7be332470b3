import { describe, expect, it } from "vitest";
import { characterVocabulary } from "./character-vocabulary.js";
import { encodeDocuments } from "./token-documents.js";

describe("encodeDocuments", () => {
  it("lays documents end to end and says where each starts", () => {
    const documents = encodeDocuments(characterVocabulary("abc"), ["ab", "", "c?😀"]);
    expect([...documents.tokens]).toEqual([0, 1, 2, 3, 3]);
    expect(documents.starts).toEqual([0, 2, 2]);
    expect(documents.unknown).toBe(2);
  });
});
