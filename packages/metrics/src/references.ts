/** One text, or several of which the best counts. */
export type References = string | readonly string[];

/**
 * The best of the scores against each reference: the first of the largest.
 *
 * @throws {RangeError} where there is no reference.
 */
export function best<Score>(
  where: string,
  references: References,
  score: (reference: string) => Score,
  size: (score: Score) => number,
): Score {
  const [first, ...others] = typeof references === "string" ? [references] : references;
  if (first === undefined) throw new RangeError(`${where}: references must hold at least one text, got none`);
  return others.reduce((kept, reference) => {
    const found = score(reference);
    return size(found) > size(kept) ? found : kept;
  }, score(first));
}
