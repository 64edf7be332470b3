import { trial } from "@infinite-former/tooling-vitest/trial";
import { describe, expect } from "vitest";
import { textPieces } from "../src/node.js";
import { memoryWatch, withLargeLine } from "./large-line.js";

describe("a text", () => {
  trial(
    { number: 16, fault: "a single line of 10 GB, read as characters to its end", timeout: 600_000 },
    () =>
      withLargeLine(async (path) => {
        const memory = memoryWatch();
        let characters = 0;
        for await (const { text } of textPieces([path], { cut: "characters" })) {
          characters += text.length;
          memory.look();
        }
        expect(characters).toBe(10 * 2 ** 30);
        expect(memory.most).toBeLessThan(160 * 2 ** 20);
      }),
  );
});
