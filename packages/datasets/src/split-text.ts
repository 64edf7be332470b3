import { codePointCount, unitsOfCodePoints } from "./code-points.js";
import { ConfigError } from "./errors.js";

/**
 * The first `fraction` of a text's characters to train on, the rest to
 * validate. Characters are Unicode code points: a surrogate pair is never cut.
 *
 * @param fraction from 0 to 1; the first part has `floor(n · fraction)` characters.
 * @returns `[train, valid]`, which joined give the text.
 * @throws {ConfigError} `ERR_CONFIG` if `fraction` is outside [0, 1].
 * @example
 * splitText("abcdefghij"); // ["abcdefghi", "j"]
 */
export function splitText(text: string, fraction = 0.9): [train: string, valid: string] {
  if (!(fraction >= 0 && fraction <= 1)) {
    throw new ConfigError(`splitText: fraction must be from 0 to 1, got ${fraction}`, "fraction");
  }
  const units = unitsOfCodePoints(text, Math.floor(codePointCount(text) * fraction));
  return [text.slice(0, units), text.slice(units)];
}
