/** An error for wrong arguments, which ends a program with exit code 2. */
export function wrong(message: string): Error & { readonly code: "ERR_USAGE" } {
  return Object.assign(new Error(message), { code: "ERR_USAGE" as const });
}

/**
 * The whole number that an option gives.
 *
 * @throws Error with `ERR_USAGE` naming the option.
 */
export function wholeNumber(option: string, text: string, least: number): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw wrong(`--${option}: must be an integer of at least ${least}, got ${text}`);
}

/**
 * The names of a list that an option gives.
 *
 * @throws Error with `ERR_USAGE` naming the option and what there is.
 */
export function namesOf<T extends string>(
  option: string,
  given: readonly string[],
  known: readonly T[],
): T[] {
  const unknown = given.filter((name) => !known.some((one) => one === name));
  if (unknown.length === 0) return known.filter((name) => given.includes(name));
  throw wrong(`--${option}: there is no ${unknown.join(", ")}; there are ${known.join(", ")}`);
}
