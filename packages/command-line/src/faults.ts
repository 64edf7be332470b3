import { closest, distance } from "fastest-levenshtein";

/** One thing wrong with a configuration. */
export interface ConfigFault {
  /** The setting (`model.heads`), or the file or flag where no setting can be named. */
  readonly path: string;
  /** What is wrong and what would be right. */
  readonly message: string;
}

/** A configuration with faults, all of them. Ends the command line with exit code 2. */
export class ConfigFaultsError extends Error {
  readonly code = "ERR_CONFIG";
  override readonly name = "ConfigFaultsError";
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    const lines = faults.map((fault) => `${fault.path}: ${fault.message}`);
    super(
      lines.length === 1
        ? lines[0]
        : [`${lines.length} faults`, ...lines.map((line) => `  ${line}`)].join("\n"),
    );
    this.faults = faults;
  }
}

/**
 * The known name that was probably meant.
 *
 * @returns the closest candidate, or `undefined` where even that is farther
 *   than two edits and a third of the word.
 */
export function didYouMean(name: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0 || name.length > 200) return undefined;
  const best = closest(
    name.toLowerCase(),
    candidates.map((candidate) => candidate.toLowerCase()),
  );
  const meant = candidates.find((candidate) => candidate.toLowerCase() === best);
  if (meant === undefined) return undefined;
  return distance(name.toLowerCase(), best) <= Math.max(2, Math.floor(name.length / 3)) ? meant : undefined;
}

/** @returns a value as it may stand in a message: JSON, cut to 80 characters. */
export function shown(value: unknown): string {
  const text = typeof value === "number" && !Number.isFinite(value) ? String(value) : JSON.stringify(value);
  if (text === undefined) return String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
